// What takes predictions: nothing is taken after a signal, and what was begun is given up.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Interruption } from "../../src/cli/exit.ts";
import { writeExplanations } from "../../src/cli/explanations.ts";
import { fileOutput, writing } from "../../src/cli/output.ts";
import type { Drawing } from "../../src/draw/charts/drawing.ts";
import { temporaryFolder } from "../helpers/folder.ts";

it("work that writes one by one ends at the signal", async () => {
  const stop = new AbortController();
  const told: string[] = [];
  const output = {
    stopped: stop.signal,
    line: async (text: string) => void told.push(text),
    complete: () => told.push("complete"),
    abandon: () => told.push("abandoned"),
    ending: (count: number) => `stopped after ${count}`,
  };
  const work = writing(output, {}, async (write) => {
    for (const text of ["header", "a", "b", "c"]) {
      await write({ text, json: text === "header" ? undefined : {} });
      if (text === "b") stop.abort();
    }
  });
  await expect(work).rejects.toThrow(new Interruption("stopped after 2"));
  expect(told).toEqual(["header", "a", "b", "abandoned"]);
});

/** Drawings of which the second one comes after Ctrl-C, where `interrupts` says so. */
async function* drawings(interrupts: boolean): AsyncGenerator<Drawing> {
  const before = process.listeners("SIGINT").slice(0, -1);
  yield { svg: () => "first", text: () => "" };
  const own = process.listeners("SIGINT").filter((listener) => !before.includes(listener));
  if (interrupts) for (const listener of own) listener("SIGINT");
  yield { svg: () => "second", text: () => "" };
}

it("explanations leave nothing after Ctrl-C, and nobody listens for it any more", async () => {
  const place = temporaryFolder();
  const path = join(place, "why");
  const listeners = process.listenerCount("SIGINT");
  await expect(writeExplanations(drawings(true), path)).rejects.toThrow(
    new Interruption(`stopped: nothing was written to ${path}`),
  );
  expect([readdirSync(place), process.listenerCount("SIGINT")]).toEqual([[], listeners]);
  const folder = await writeExplanations(drawings(false), path);
  expect([folder.stopped.aborted, process.listenerCount("SIGINT")]).toEqual([false, listeners + 1]);
  folder.abandon();
  expect([readdirSync(place), process.listenerCount("SIGINT")]).toEqual([[], listeners]);
});

it("a file that is written beside them stops with them", async () => {
  const place = temporaryFolder();
  const stop = new AbortController();
  const output = fileOutput(join(place, "out"), stop.signal);
  const work = writing(output, {}, async (write) => {
    await write({ text: "a", json: {} });
    stop.abort();
    await write({ text: "b", json: {} });
  });
  await expect(work).rejects.toThrow(
    new Interruption(`stopped: nothing was written to ${join(place, "out")}`),
  );
  expect(readdirSync(place)).toEqual([]);
});
