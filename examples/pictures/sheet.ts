// A sheet of pictures as SVG: rows of them, each with a title, and a text below each picture. It brings its own ground, so that it reads the same on a
// light and on a dark page.
import { png } from "./png.ts";

export interface Tile {
  /** The address of a picture, such as `pngOf` makes. */
  readonly image: string;
  /** One that lies over it. */
  readonly over?: string | undefined;
  readonly text: string;
}

export interface SheetRow {
  readonly title: string;
  readonly tiles: readonly Tile[];
}

const [EDGE, GAP, TILE, TEXT] = [16, 6, 64, 15];
/** What a character of the text takes, on average, in pixels. */
const CHARACTER = 6.6;

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A square picture of so many pixels across as an address that holds it. */
export function pngOf(data: ArrayLike<number>, side: number, channels: number): string {
  const bytes = png(data, { width: side, height: side, channels });
  return `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`;
}

export function sheetSvg(title: string, rows: readonly SheetRow[]): string {
  const tallest = TEXT + TILE + TEXT + 2 * GAP;
  const wide = rows.map(({ title, tiles }) =>
    Math.max(tiles.length * (TILE + GAP), title.length * CHARACTER),
  );
  const width = Math.ceil(2 * EDGE + Math.max(title.length * CHARACTER * 1.3, ...wide));
  const height = 2 * EDGE + 26 + rows.length * (tallest + GAP);
  // A picture that is shown often stands in the file once.
  const images = [
    ...new Set(rows.flatMap(({ tiles }) => tiles.flatMap(({ image, over }) => [image, over ?? []]).flat())),
  ];
  const shownAt = (image: string, x: number, y: number) =>
    `<use href="#p${images.indexOf(image)}" x="${x}" y="${y}"/>`;
  const drawn = rows.flatMap(({ title, tiles }, row) => {
    const top = EDGE + 26 + row * (tallest + GAP);
    return [
      `<text x="${EDGE}" y="${top + TEXT - 3}">${escaped(title)}</text>`,
      ...tiles.flatMap(({ image, over, text }, column) => {
        const [x, y] = [EDGE + column * (TILE + GAP), top + TEXT + GAP / 2];
        return [
          shownAt(image, x, y),
          ...(over === undefined ? [] : [shownAt(over, x, y)]),
          `<text x="${x + TILE / 2}" y="${y + TILE + TEXT - 1}" text-anchor="middle">${escaped(text)}</text>`,
        ];
      }),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, 'Segoe UI', Roboto, Arial, sans-serif" font-size="12" fill="#2b303b">`,
    `<title>${escaped(title)}</title>`,
    "<style>image { image-rendering: pixelated }</style>",
    "<defs>",
    ...images.map((image, at) => `<image id="p${at}" width="${TILE}" height="${TILE}" href="${image}"/>`),
    "</defs>",
    `<rect width="${width}" height="${height}" rx="10" fill="#ffffff"/>`,
    `<text x="${EDGE}" y="${EDGE + 12}" font-size="15" font-weight="600">${escaped(title)}</text>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}
