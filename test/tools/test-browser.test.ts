// Without a browser the test in browsers fails, unless it is told that it may be missing.
import { expect, test, vi } from "vitest";
import { runTool } from "./run-tool.ts";

const reason = "there is no /nowhere/chromium; install Chromium, or name where it is in CHROMIUM";

test("a missing browser is a failure, or skipped where that is allowed", () => {
  vi.stubEnv("CHROMIUM", "/nowhere/chromium");
  expect(runTool("test-browser")).toEqual({
    status: 1,
    lines: [`failed  all: ${reason}`, "0 passed, 1 failed, 0 skipped"],
  });
  expect(runTool("test-browser", "--allow-missing")).toEqual({
    status: 0,
    lines: [`skipped all: ${reason}`, "0 passed, 0 failed, 1 skipped"],
  });
  vi.unstubAllEnvs();
});

test("an unknown option is refused", () => {
  const { status, lines } = runTool("test-browser", "--fast");
  expect(status).toBe(2);
  expect(lines).toEqual(["usage: npm run test:browser -- [--allow-missing]"]);
});
