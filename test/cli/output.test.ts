// What takes predictions: nothing is taken after a signal, and what was begun is given up.
import { expect, it } from "vitest";
import { Interruption } from "../../src/cli/exit.ts";
import { writing } from "../../src/cli/output.ts";

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
