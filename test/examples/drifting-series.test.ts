// A series that drifts: forecasters that go on learning are right again after it, the one that does not is not.
import { expect, test } from "vitest";
import { follow, picture, rootMeanSquare, table } from "../../examples/drifting-series.ts";

test("learning along the stream brings the error down again", { timeout: 120_000 }, async () => {
  const errors = await follow({ epochs: 8, seed: 1 });
  const [still, ...learning] = Object.values(errors).map((own) => rootMeanSquare(own, 800, 1000)) as [number];
  expect(learning).toHaveLength(3);
  for (const error of learning) expect(error).toBeLessThan(0.4 * still);
  expect(table(errors)).toHaveLength(5);
  expect(await picture(errors)).toMatch(/^<svg [\s\S]*with replay/);
});
