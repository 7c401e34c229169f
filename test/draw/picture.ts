// Reads a picture back: its boxes and lines, and what must hold of every picture.
import { DOMParser } from "linkedom";
import { expect } from "vitest";

export interface Shape {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly fill: string;
  /** Where a name stands above it. */
  readonly name?: { readonly x: number; readonly y: number } | undefined;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DrawnLine {
  readonly from: string;
  readonly to: string;
  readonly isState: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Read {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly shapes: readonly Shape[];
  readonly lines: readonly DrawnLine[];
  readonly labels: readonly { readonly text: string; readonly x: number; readonly y: number }[];
}

const number = (element: Element, name: string) => Number(element.getAttribute(name));

/** Throws where the tags of an XML text are not nested rightly; linkedom's parser forgives that. */
function checkWellFormed(xml: string): void {
  const open: string[] = [];
  for (const [, closing, name, attributes = "", alone] of xml.matchAll(/<(\/?)([a-z]+)([^<>]*?)(\/?)>/g)) {
    expect(attributes).toMatch(/^(\s+[a-z][a-z\d-]*="[^"<>]*")*\s*$/i);
    if (closing) expect(open.pop()).toBe(name);
    else if (!alone) open.push(name ?? "");
  }
  expect(open).toEqual([]);
  expect(xml.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]|&(?!#\d+;)/);
}

export function read(xml: string): Read {
  checkWellFormed(xml);
  const document = new DOMParser().parseFromString(xml, "image/svg+xml");
  const root = document.documentElement as unknown as Element;
  const all = (selector: string, within: Element = root) => [...within.querySelectorAll(selector)];
  const shapes = all("g[data-id]").map((group): Shape => {
    const [rect] = all("rect", group);
    const [circle] = all("circle", group);
    const outline = (rect ?? circle) as Element;
    const radius = number(outline, "r");
    const top = rect ? number(rect, "y") : number(outline, "cy") - radius;
    const name = all("text", group).find((text) => number(text, "y") < top);
    return {
      name: name && { x: number(name, "x"), y: number(name, "y") },
      id: group.getAttribute("data-id") ?? "",
      kind: group.getAttribute("data-kind") ?? "",
      text: all("text", group)
        .map(({ textContent }) => textContent)
        .join(" | "),
      fill: outline.getAttribute("fill") ?? "",
      x: rect ? number(rect, "x") : number(outline, "cx") - radius,
      y: top,
      width: rect ? number(rect, "width") : 2 * radius,
      height: rect ? number(rect, "height") : 2 * radius,
    };
  });
  const lines = all("path[data-from]").map((path): DrawnLine => {
    // A rounded corner is L(before) Q(corner) (after): the corner alone is kept.
    const corners = (path.getAttribute("d") ?? "").replace(/L[^LQM]*Q([^ ]*) [^LQM]*/g, "L$1");
    return {
      from: path.getAttribute("data-from") ?? "",
      to: path.getAttribute("data-to") ?? "",
      isState: path.hasAttribute("data-state"),
      points: [...corners.matchAll(/[ML]([-\d.]+),([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]),
    };
  });
  return {
    width: number(root, "width"),
    height: number(root, "height"),
    title: all("title")[0]?.textContent ?? "",
    shapes,
    lines,
    labels: [...root.children]
      .filter(({ tagName }) => tagName.toLowerCase() === "text")
      .map((label) => ({ text: label.textContent, x: number(label, "x"), y: number(label, "y") })),
  };
}

/** Boxes lie apart and within the picture; lines run along the axes, from box to box, and through no other box. */
export function expectTidy({ width, height, shapes, lines, labels }: Read): void {
  expect(shapes.length).toBeGreaterThan(0);
  expect(lines.length).toBeGreaterThan(0);
  for (const [index, a] of shapes.entries()) {
    expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height, `${a.id} within`).toBe(
      true,
    );
    for (const b of shapes.slice(index + 1)) {
      const apart =
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect(apart, `${a.id} (${a.text}) and ${b.id} (${b.text}) apart`).toBe(true);
    }
  }
  for (const { name, id, kind, height: room } of shapes) {
    if (/product|function|layer/.test(kind)) expect(room, `${id} is high enough`).toBeGreaterThanOrEqual(30);
    if (!name) continue;
    const over = [
      ...lines.flatMap(({ points }) => points.slice(1).map((point, at) => [points[at], point])),
      ...shapes.map((box) => [
        [box.x, box.y],
        [box.x + box.width, box.y + box.height],
      ]),
    ];
    for (const [[ax, ay], [bx, by]] of over as [[number, number], [number, number]][]) {
      const misses =
        Math.max(ax, bx) <= name.x - 4 ||
        Math.min(ax, bx) >= name.x + 4 ||
        Math.max(ay, by) <= name.y - 9 ||
        Math.min(ay, by) >= name.y + 2;
      expect(misses, `the name above ${id} stands free`).toBe(true);
    }
  }
  for (const { x, y, text } of labels) {
    expect(x >= 0 && x <= width && y >= 0 && y <= height, `label ${text} within`).toBe(true);
  }
  for (const { from, to, points } of lines) {
    for (const [index, [x, y]] of points.entries()) {
      const [beforeX, beforeY] = points[index - 1] ?? [x, y];
      const name = `${from} to ${to}`;
      expect(Math.min(Math.abs(x - beforeX), Math.abs(y - beforeY)), `${name} along an axis`).toBeLessThan(
        0.05,
      );
      for (const box of shapes) {
        if (box.id === from || box.id === to) continue;
        const misses =
          Math.max(x, beforeX) <= box.x ||
          Math.min(x, beforeX) >= box.x + box.width ||
          Math.max(y, beforeY) <= box.y ||
          Math.min(y, beforeY) >= box.y + box.height;
        expect(misses, `${name} past ${box.id} (${box.text})`).toBe(true);
      }
    }
  }
}

/** A line that runs straight on, without a bend. */
export function isStraight({ points }: DrawnLine): boolean {
  return points.length === 2;
}
