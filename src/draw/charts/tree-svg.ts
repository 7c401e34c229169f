/** A tree as SVG: the root above, children below their parents from left to right, each node as dark as it is sure. */

import { checkOptions } from "../../checks.ts";
import { escapeXml, round } from "../text.ts";
import { shownWord } from "./alignment.ts";
import { checkSizes } from "./frame.ts";
import { heatColor } from "./heat-svg.ts";
import { checkLabelledTree, type DrawnNode, type LabelledTree, toldOf } from "./labelled-tree.ts";
import { belowTitle, EDGE, FONT_SIZE, PALE_INK, svgPage, TITLE_SIZE, textWidth } from "./page.ts";
import type { ChartSvgOptions } from "./svg.ts";

const LINE = 17;
/** Pixels from the text of a node to its border, and between nodes, across and down. */
const [INSET, ACROSS, DOWN] = [7, 12, 26];
/** So much of its colour the surest node has: dark letters are read on it. */
const STRONGEST = 0.5;
const WRONG = "#d36a13";
/** How much wider bold letters are. */
const BOLD = 1.12;

interface PlacedNode {
  readonly node: DrawnNode;
  /** What stands in it, line by line. */
  readonly lines: readonly string[];
  /** Its middle, and its upper edge. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The picture of a tree; it is as wide as it has to be. Throws UsageError for a width below 240, and for what is no tree to draw. */
export function treeSvg(tree: LabelledTree, options: Pick<ChartSvgOptions, "width"> = {}): string {
  checkOptions("treeSvg", options, { width: true });
  checkLabelledTree("treeSvg", tree);
  const { width: wanted = 720 } = options;
  checkSizes("treeSvg", { width: [wanted, 240] });
  const { title } = tree;
  const placed = placedNodes(tree, belowTitle(tree) + 4);
  const right = Math.max(...placed.map(({ x, width }) => x + width / 2));
  const bottom = Math.max(...placed.map(({ y, height }) => y + height));
  const width = Math.max(240, right + EDGE, 2 * EDGE + textWidth(title, TITLE_SIZE));
  const shift = Math.max(0, (Math.min(wanted, width) - right - EDGE) / 2);
  return svgPage({ title, width: Math.ceil(width), height: Math.ceil(bottom + EDGE) }, [
    `<g transform="translate(${round(shift)} 0)" text-anchor="middle">`,
    `<g stroke="${PALE_INK}" stroke-width="1.3">`,
    ...placed.flatMap(({ node, x, y, height }) =>
      node.children.map((child) => {
        const below = placed[child] as PlacedNode;
        return `<line x1="${round(x)}" y1="${round(y + height)}" x2="${round(below.x)}" y2="${round(below.y)}"/>`;
      }),
    ),
    "</g>",
    ...placed.map(drawNode),
    "</g>",
  ]);
}

function drawNode({ node, lines, x, y, width, height }: PlacedNode): string {
  const { probability, given } = node;
  const fill = probability === undefined ? "#ffffff" : heatColor(STRONGEST * probability, true);
  const border = given === undefined ? `stroke="#9aa1ad"` : `stroke="${WRONG}" stroke-width="2.5"`;
  const isTold = toldOf(node) !== "";
  return [
    `<g data-node="${escapeXml(lines.join(" "))}">`,
    `<rect x="${round(x - width / 2)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="6" fill="${fill}" ${border}/>`,
    ...lines.map((line, at) => {
      const weight = isTold && at === 0 ? ` font-weight="600"` : "";
      return `<text x="${round(x)}" y="${round(y + INSET + LINE * at + FONT_SIZE)}"${weight}>${escapeXml(line)}</text>`;
    }),
    "</g>",
  ].join("");
}

/** Every subtree has a strip of its own, in which its root stands above the middle of its children. */
function placedNodes({ nodes }: LabelledTree, top: number): PlacedNode[] {
  const sizes = nodes.map(sizeOf);
  const strips: number[] = [];
  nodes.forEach(({ children }, at) => {
    strips.push(Math.max(sizes[at]?.width ?? 0, across(children, strips)));
  });
  const tallest = Math.max(...sizes.map(({ height }) => height));
  const [left, depth] = [nodes.map(() => EDGE), nodes.map(() => 0)];
  for (let at = nodes.length - 1; at >= 0; at--) {
    const { children } = nodes[at] as DrawnNode;
    let x = (left[at] as number) + ((strips[at] as number) - across(children, strips)) / 2;
    for (const child of children) {
      left[child] = x;
      depth[child] = (depth[at] as number) + 1;
      x += (strips[child] as number) + ACROSS;
    }
  }
  const placed: PlacedNode[] = [];
  nodes.forEach((node, at) => {
    const size = sizes[at] as ReturnType<typeof sizeOf>;
    const { children } = node;
    const [start, strip] = [left[at] as number, strips[at] as number];
    const [first, last] = [children[0], children.at(-1)].map((child) => placed[child ?? -1]?.x);
    const middle = ((first ?? start) + (last ?? start + strip)) / 2;
    const x = Math.min(start + strip - size.width / 2, Math.max(start + size.width / 2, middle));
    placed.push({ ...size, node, x, y: top + (depth[at] as number) * (tallest + DOWN) });
  });
  return placed;
}

function sizeOf(node: DrawnNode): Pick<PlacedNode, "lines" | "width" | "height"> {
  const told = toldOf(node);
  const lines = [told, node.token === undefined ? "" : shownWord(node.token)].filter((text) => text !== "");
  const widths = lines.map((line) => textWidth(line, FONT_SIZE) * (line === told ? BOLD : 1));
  return {
    lines,
    width: Math.max(10, ...widths) + 2 * INSET,
    height: LINE * Math.max(1, lines.length) + 2 * INSET - 4,
  };
}

/** How wide some subtrees are beside each other. */
function across(children: readonly number[], strips: readonly number[]): number {
  const gaps = ACROSS * Math.max(0, children.length - 1);
  return children.reduce((sum, child) => sum + (strips[child] as number), gaps);
}
