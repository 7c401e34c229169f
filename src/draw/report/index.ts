/** inspectionPage: what an inspection found, as a page for people. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Inspection } from "../../inspect/index.ts";
import type { NamedSteps } from "./named-steps.ts";

export type { Channel } from "../charts/moments.ts";
export type { NamedSteps };

/** What a page says besides what was found. */
export interface InspectionPageOptions {
  /** What stands over it. Default "Inside". */
  readonly title?: string | undefined;
  /** What the model is and what was looked at: lines of a name and a text. */
  readonly about?: readonly (readonly [name: string, text: string])[] | undefined;
  /** The same where only the last step's error counts: its gradients tell how far back that reaches. Default what was found. */
  readonly last?: Pick<Inspection, "gradients"> | undefined;
  /** What the steps of layers are called. Default their numbers. */
  readonly steps?: readonly NamedSteps[] | undefined;
}

/**
 * A page of HTML with all that an inspection found: gradients by how far back they reach, saturated units, spectral radii, states and
 * gates step by step, attention; each with what it shows and what to look for. Its pictures are within it: it needs no network and no
 * script. Large networks and long windows are thinned out.
 *
 *     const page = await inspectionPage(inspect(model, { inputs, values, loss }), {
 *       title: "A memory",
 *       steps: [{ path: "", unit: "words", names: ["the", "cat", "sat"] }],
 *     });
 *
 * Throws UsageError for what no inspection gave, and for options that do not exist.
 */
export async function inspectionPage(
  found: Inspection,
  options: InspectionPageOptions = {},
): Promise<string> {
  if (typeof found?.loss !== "number") {
    throw new UsageError(`inspectionPage: ${printGiven(found)} given, what inspect gives expected`);
  }
  checkOptions("inspectionPage", options, { title: true, about: true, last: true, steps: true });
  const { title = "Inside", about = [], steps = [], last } = options;
  const { reportPage } = await import("./page.ts");
  return reportPage({ title, about, steps, found, last });
}
