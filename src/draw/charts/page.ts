/** What every chart as SVG has around it: a ground of its own, a title, and the looks of its text. */

import { characterWidth, escapeXml } from "../text.ts";
import { widthOf } from "./width.ts";

export const INK = "#2b303b";
export const PALE_INK = "#6b7280";
const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

export const FONT_SIZE = 12;
export const TITLE_SIZE = 17;
/** What is left free at the edges. */
export const EDGE = 18;

export interface Page {
  readonly title: string;
  readonly width: number;
  readonly height: number;
}

/** Where what stands below the title begins. */
export function belowTitle({ title }: Pick<Page, "title">): number {
  return EDGE + (title === "" ? 0 : TITLE_SIZE + 8);
}

/** The pixels that a text takes in letters of a size. */
export function textWidth(text: string, size: number): number {
  const widths = [...text].map((character) => [0, characterWidth(character), 1][widthOf(character)] ?? 1);
  return size * widths.reduce((sum, one) => sum + one, 0);
}

export function svgPage({ title, width, height }: Page, parts: readonly string[]): string {
  const heading = `<text x="${EDGE}" y="${EDGE + TITLE_SIZE - 3}" font-size="${TITLE_SIZE}" font-weight="600">${escapeXml(title)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${FONT}" font-size="${FONT_SIZE}" fill="${INK}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="10" fill="#ffffff"/>`,
    ...(title === "" ? [] : [heading]),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}
