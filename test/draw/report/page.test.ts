// The page: all of it in one file, without anything to fetch or to run, readable as HTML, and small for a large network.
import { parseHTML } from "linkedom";
import { expect, it } from "vitest";
import { inspectionPage } from "../../../src/draw/report/index.ts";
import { reportPage } from "../../../src/draw/report/page.ts";
import { UsageError } from "../../../src/errors.ts";
import type { Inspection } from "../../../src/inspect/index.ts";
import { read } from "../picture.ts";
import { falling, nothing, steps } from "./example.ts";

const noise = (t: number, _: number, unit: number) => Math.sin(t * t * 7 + unit * 13);

const found = (layers: number, [T, H]: readonly [number, number]): Inspection => {
  const each = <Value>(names: readonly string[], of: (name: string) => Value) =>
    Object.fromEntries(
      Array.from({ length: layers }, (_, layer) =>
        names.map((name) => [`rnn.l${layer}${name}`, of(name)]),
      ).flat(),
    ) as Record<string, Value>;
  const sigmoids = [".i", ".f", ".o"];
  const signed = () => steps([T, 1, H], noise);
  return {
    ...nothing,
    states: each([".h", ".c"], signed),
    gates: {
      ...each(sigmoids, () => ({
        ...steps([T, 1, H], (...at) => noise(...at) ** 2),
        squashing: "sigmoid" as const,
      })),
      ...each([".g"], signed),
    },
    gradients: each([".h", ".c"], () => falling(T, 0.9)),
    saturation: each(sigmoids, () => ({ share: 0.125, kind: "sigmoid" as const })),
    radius: each([".weight_hh"], () => [1.5, 0.25]),
    weights: each([""], () => ({ gradient: 0.01, value: 20 })),
  };
};

const report = (layers: number, size: readonly [number, number], more: object = {}) => ({
  title: "Inside runs/<a>",
  about: [["looked at", "a <b> & c"]] as const,
  found: { ...found(layers, size), ...more },
  steps: [{ path: "", unit: "words", names: Array.from({ length: size[0] }, (_, at) => `<w${at}>`) }],
});

it("has its parts in order, with pictures that are well formed, and nothing to fetch or to run", async () => {
  const attention = { "rnn.l0.attention": steps([5, 1, 5], () => 0.2) };
  const page = await reportPage(report(2, [5, 3], { attention }));
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).not.toMatch(/<script|<link|<img|src=|@import|url\(|undefined|NaN/);
  for (const [, target] of page.matchAll(/https?:\/\/([^"\s]+)/g)) expect(target).toBe("www.w3.org/2000/svg");
  for (const [svg] of page.matchAll(/<svg xmlns[\s\S]*?\n<\/svg>/g)) {
    // A figure of Observable Plot has a style, and pictures within it.
    if (!svg.includes("<style")) read(svg);
  }
  const { document } = parseHTML(page);
  const texts = (selector: string) => [...document.querySelectorAll(selector)].map((one) => one.textContent);
  expect(texts("h1")).toEqual(["Inside runs/<a>"]);
  expect(texts("h2")).toEqual([
    "How far back the error reaches",
    "Saturated units",
    "Spectral radius",
    "Weights and their gradients",
    "Attention",
    "rnn.l0: states and gates",
    "rnn.l1: states and gates",
  ]);
  expect(texts(".about td")).toEqual(["a <b> & c"]);
  expect(texts("#saturation tbody tr")[1]?.replace(/\s+/g, " ").trim()).toBe("rnn.l0.fsigmoid 12.5 %");
  expect(texts("#radius td")).toEqual(["1.500, 0.250", "1.500, 0.250"]);
  for (const link of document.querySelectorAll("nav a")) {
    expect(document.querySelector(link.getAttribute("href") as string)?.tagName).toBe("SECTION");
  }
  for (const figure of document.querySelectorAll("figure > svg")) {
    expect(figure.getAttribute("role")).toBe("img");
    expect(figure.getAttribute("aria-label")).toMatch(/\w/);
  }
});

it("has no parts for what was not looked at", async () => {
  const page = await reportPage({
    title: "a",
    about: [],
    found: { ...nothing, radius: { w: [1] } },
    steps: [],
  });
  expect([...page.matchAll(/<h2>(.*)<\/h2>/g)].map(([, title]) => title)).toEqual(["Spectral radius"]);
  // An error that vanishes at once is told, and not drawn.
  const gradients = { "rnn.l0.h": { steps: [0, 0], lags: [0, 0] } };
  const empty = await reportPage({ title: "a", about: [], found: { ...nothing, gradients }, steps: [] });
  expect(empty).toContain("rnn.l0.h: no error reaches it.");
});

it("says whose error it is", async () => {
  const base = report(1, [4, 2]);
  expect(await reportPage(base)).toContain("the gradient of the loss with respect to one part of the state");
  const last = { gradients: { "rnn.l0.h": falling(4, 1) } };
  expect(await reportPage({ ...base, last })).toContain("the gradient of the error of the last step alone");
});

it("of a large network over a long window is below 3 MB", async () => {
  const page = await reportPage(report(3, [500, 650]));
  expect(page.length).toBeLessThan(3e6);
}, 60_000);

it("is made of what an inspection found, with steps by their numbers where nobody names them", async () => {
  const states = { "rnn.l0.h": steps([3, 1, 2], () => 0.5) };
  const page = await inspectionPage({ ...nothing, states }, { title: "A memory" });
  expect(page).toContain("<h1>A memory</h1>");
  expect([...page.matchAll(/text-anchor="middle">(\d)<\/text>/g)].map(([, name]) => name)).toEqual([
    "1",
    "2",
    "3",
  ]);
  const named = await inspectionPage(
    { ...nothing, states },
    { steps: [{ path: "", unit: "words", names: ["a", "b", "c"] }] },
  );
  expect([...named.matchAll(/text-anchor="middle">(\w)<\/text>/g)].map(([, name]) => name)).toEqual([
    "a",
    "b",
    "c",
  ]);
  await expect(inspectionPage(states as never)).rejects.toThrow(
    new UsageError("inspectionPage: an object given, what inspect gives expected"),
  );
});
