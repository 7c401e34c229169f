// The example of Multi30k: what it says, and which files it takes.
import { expect, it } from "vitest";
import { run } from "../../examples/command-line.ts";
import { command, lines } from "../../examples/multi30k.ts";
import { printed } from "../helpers/printed.ts";

it("tells what greedy search and beams came to, with the signature", () => {
  const found = { bleu: 34.996, chrf: 58.4, loss: 1.7, signatures: { bleu: "nrefs:1|tok:none" } };
  expect(lines([[5, found]])).toEqual(["beam 5: BLEU 35.00, chrF 58.40 (nrefs:1|tok:none)"]);
});

it("takes six files", async () => {
  const { error } = await printed(() => run(command, ["a.en", "a.de"]));
  expect(error).toBe("multi30k: 2 files given, six expected\n");
  expect(process.exitCode).toBe(2);
  process.exitCode = undefined;
});
