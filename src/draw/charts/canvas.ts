/** A field of characters to draw on: lines in the dots of Braille, two across and four down a character; shades and signs. */

/** A place from 0 to 1, from the lower left; what is not finite is not drawn. */
export interface CanvasPoint {
  readonly x: number;
  readonly y: number;
}

export interface CanvasCell {
  readonly text: string;
  /** Its colour, as terminals number them; undefined for an empty cell. */
  readonly code?: string | undefined;
}

/** The bits of the dots of a character, by row and column. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const FIRST_BRAILLE = 0x2800;

/** Dots along a line that are drawn, and left out after them. */
const DASH = 3;

export class Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly #dots: Uint8Array;
  readonly #cells: (CanvasCell | undefined)[];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#dots = new Uint8Array(columns * rows);
    this.#cells = new Array(columns * rows);
  }

  /** A line through points in rising order of x; it parts where one is not finite. */
  line(points: readonly CanvasPoint[], { code, dashed }: { code: string; dashed: boolean }): void {
    const [width, height] = [2 * this.columns - 1, 4 * this.rows - 1];
    let before: { x: number; y: number } | undefined;
    for (const { x, y } of points) {
      if (!Number.isFinite(y) || !Number.isFinite(x)) {
        before = undefined;
        continue;
      }
      const point = { x: Math.round(x * width), y: Math.round((1 - y) * height) };
      const from = before ?? point;
      const steps = Math.max(1, Math.abs(point.x - from.x), Math.abs(point.y - from.y));
      for (let step = 0; step <= steps; step++) {
        const across = Math.round(from.x + ((point.x - from.x) * step) / steps);
        if (dashed && Math.floor(across / DASH) % 2 === 1) continue;
        this.#dot(across, Math.round(from.y + ((point.y - from.y) * step) / steps), code);
      }
      before = point;
    }
  }

  #dot(x: number, y: number, code: string): void {
    const at = Math.floor(y / 4) * this.columns + Math.floor(x / 2);
    const bit = DOTS[y % 4]?.[x % 2] ?? 0;
    this.#dots[at] = (this.#dots[at] as number) | bit;
    this.#cells[at] = { text: String.fromCharCode(FIRST_BRAILLE + (this.#dots[at] as number)), code };
  }

  /** A shade between two lines through points in rising order of x; it parts where one is not finite. */
  band(points: readonly { x: number; low: number; high: number }[], cell: CanvasCell): void {
    let next = 0;
    for (let column = 0; column < this.columns; column++) {
      const x = this.columns === 1 ? 0 : column / (this.columns - 1);
      while (next < points.length && (points[next]?.x as number) < x) next += 1;
      const [right, left] = [points[next], points[next - 1]];
      // A place between two points; the first one has nothing before it.
      const [a, b] = [left ?? right, right];
      if (!a || !b || (!left && b.x - x > 0.5 / this.columns)) continue;
      const part = b.x > a.x ? (x - a.x) / (b.x - a.x) : 0;
      const [low, high] = [a.low + (b.low - a.low) * part, a.high + (b.high - a.high) * part];
      if (Number.isFinite(low) && Number.isFinite(high)) this.#shade(column, low, high, cell);
    }
  }

  /** Fills the characters whose middle lies between two heights, or the one between them where there is none. */
  #shade(column: number, low: number, high: number, cell: CanvasCell): void {
    const rowOf = (height: number) => (1 - height) * this.rows - 0.5;
    const [top, bottom] = [Math.ceil(rowOf(high)), Math.floor(rowOf(low))];
    const only = Math.round(rowOf((low + high) / 2));
    const [from, to] = top <= bottom ? [top, bottom] : [only, only];
    for (let row = Math.max(0, from); row <= Math.min(this.rows - 1, to); row++) {
      this.#cells[row * this.columns + column] = cell;
    }
  }

  /** A sign over all that is there. */
  sign({ x, y }: CanvasPoint, cell: CanvasCell): void {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const column = Math.min(this.columns - 1, Math.floor(x * this.columns));
    const row = Math.min(this.rows - 1, Math.floor((1 - y) * this.rows));
    this.#cells[row * this.columns + column] = cell;
  }

  /** The cells of each row, from the top. */
  lines(): CanvasCell[][] {
    return Array.from({ length: this.rows }, (_, row) =>
      Array.from({ length: this.columns }, (_, column) => {
        return this.#cells[row * this.columns + column] ?? { text: " " };
      }),
    );
  }
}
