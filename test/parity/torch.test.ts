import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { casesOf, printOutcome, runCase } from "./run.ts";

describe("the reference cases computed by PyTorch", () => {
  for (const path of casesOf("test/fixtures/torch")) {
    test(basename(path, ".safetensors"), (context) => {
      const outcome = runCase(path);
      if (outcome.result === "skipped" && outcome.detail.endsWith("is not built yet"))
        context.skip(outcome.detail);
      expect(outcome.result, printOutcome(path, outcome)).toBe("passed");
    });
  }
});
