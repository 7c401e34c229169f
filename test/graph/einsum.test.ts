import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { canonicalLabels, freshLabel, joinLabels, labelRoles, parseLabels } from "../../src/graph/einsum.ts";

describe("labels", () => {
  test("are parsed and joined", () => {
    for (const labels of ["tbi,ih->tbh", "b,b->", "a,b->ba", ",ab->ab"]) {
      expect(joinLabels(parseLabels(labels))).toBe(labels);
    }
    expect(parseLabels("bi,ih->bh")).toEqual({ a: "bi", b: "ih", result: "bh" });
  });
  test.each([
    ["bi", /"bi" given, labels such as "bi,ih->bh" expected/],
    ["b1,b1->b", /labels such as/],
    ["bi,ih,hj->bj", /labels such as/],
    ["bb,b->b", /a label repeats within "bb"/],
    ["bi,bi->bb", /a label repeats within "bb"/],
    ["bi,bh->h", /the label "i" of "bi,bh->h" stands in one place only/],
    ["b,b->bz", /the label "z"/],
  ])("%s is refused", (labels, problem) => {
    expect(() => parseLabels(labels)).toThrow(ShapeError);
    expect(() => parseLabels(labels)).toThrow(problem);
  });
  test("in canonical form are the same for renamed products", () => {
    const canonical = (labels: string) => joinLabels(canonicalLabels(parseLabels(labels)));
    expect(canonical("tbi,ih->tbh")).toBe("abc,cd->abd");
    expect(canonical("xyz,zw->xyw")).toBe(canonical("tbi,ih->tbh"));
    expect(canonical("ba,bc->ac")).not.toBe(canonical("ab,bc->ac"));
  });
  test("play roles", () => {
    expect(labelRoles(parseLabels("nbi,nio->nbo"))).toEqual({
      batch: ["n"],
      rows: ["b"],
      columns: ["o"],
      inner: ["i"],
    });
    expect(labelRoles(parseLabels("ab,ab->"))).toEqual({
      batch: [],
      rows: [],
      columns: [],
      inner: ["a", "b"],
    });
    expect(labelRoles(parseLabels("ab,ab->ba"))).toEqual({
      batch: ["b", "a"],
      rows: [],
      columns: [],
      inner: [],
    });
  });
  test("that are fresh are unused", () => {
    expect(freshLabel("ab", "bc")).toBe("d");
    expect(() => freshLabel("abcdefghijklm", "nopqrstuvwxyz")).toThrow("more than 26 axes");
  });
});
