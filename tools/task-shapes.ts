// Draws the pictures of docs/task-shapes.md: what goes in (below), the network (middle), what comes out (above), step by
// step from left to right. Usage: tsx tools/task-shapes.ts [FOLDER], by default docs
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** One step: whether something goes in and comes out. */
interface Step {
  readonly input?: boolean;
  readonly output?: boolean;
  readonly network: "encoder" | "decoder" | "feed-forward";
  /** Reads what the step before it wrote. */
  readonly readsBack?: boolean;
}

const encode: Step = { input: true, network: "encoder" };
const decode: Step = { output: true, network: "decoder" };
const tag: Step = { input: true, output: true, network: "encoder" };
const write: Step = { input: true, output: true, network: "decoder" };

export const shapes: Readonly<Record<string, readonly Step[]>> = {
  "one-to-one": [{ input: true, output: true, network: "feed-forward" }],
  "one-to-many": [{ ...decode, input: true }, ...Array<Step>(2).fill({ ...decode, readsBack: true })],
  "many-to-one": [encode, encode, { ...encode, output: true }],
  "many-to-many": [tag, tag, tag],
  "encoder-decoder": [encode, encode, write, ...Array<Step>(2).fill({ ...write, readsBack: true })],
};

const colours = {
  input: "#d6ead3",
  output: "#f9dcc4",
  encoder: "#cfe2f7",
  decoder: "#e3d7f4",
  "feed-forward": "#e4e7eb",
};
const [margin, width, height, across, up] = [12, 34, 26, 34, 26];
const [outputs, networks, inputs] = [margin, margin + height + up, margin + 2 * (height + up)];

/** The picture of a shape, as an SVG document. */
export function drawShape(name: string, steps: readonly Step[]): string {
  const box = (x: number, y: number, fill: string) =>
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="5" fill="${fill}" stroke="#445" />`;
  const arrow = (path: string, dashed = false) =>
    `<path d="${path}" fill="none" stroke="#445" marker-end="url(#head)"${dashed ? ' stroke-dasharray="3 3"' : ""} />`;
  const gap = 3;
  const drawn = steps.flatMap(({ input, output, network, readsBack }, at) => {
    const x = margin + at * (width + across);
    const middle = x + width / 2;
    const before = x - across;
    const into = networks + height + gap;
    const parts = [box(x, networks, colours[network])];
    if (at > 0) parts.push(arrow(`M${before} ${networks + height / 2} H${x - gap}`));
    if (input) parts.push(box(x, inputs, colours.input), arrow(`M${middle} ${inputs} V${into}`));
    if (output)
      parts.push(box(x, outputs, colours.output), arrow(`M${middle} ${networks} V${outputs + height + gap}`));
    if (readsBack) {
      const target = input ? `${inputs + height / 2} H${x - gap}` : `${into + 8} H${middle} V${into}`;
      parts.push(arrow(`M${before} ${outputs + height / 2} H${x - across / 2} V${target}`, true));
    }
    return parts;
  });
  const [wide, high] = [2 * margin + steps.length * (width + across) - across, inputs + height + margin];
  const head = '<path d="M0 0 L7 3.5 L0 7 z" fill="#445" />';
  const marker = `<marker id="head" markerWidth="7" markerHeight="7" refX="5" refY="3.5" orient="auto">${head}</marker>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" role="img">`,
    `<title>${name.replaceAll("-", " ")}</title>`,
    `<defs>${marker}</defs>`,
    `<rect width="${wide}" height="${high}" rx="8" fill="#fff" />`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2] ?? "docs";
  for (const [name, steps] of Object.entries(shapes)) {
    writeFileSync(join(folder, `${name}.svg`), drawShape(name, steps));
  }
}
