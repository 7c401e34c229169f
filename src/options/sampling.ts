/** Options of drawing tokens at random, as tasks that write have them. */

import { real, seed, whole } from "./kinds.ts";
import { option } from "./table.ts";

export const temperatureFacts = {
  kind: real({ from: 0, remark: ", which takes the likeliest" }),
  help: "below 1 is more cautious, 0 always takes the likeliest token",
};

export const samplingOptions = {
  topK: option(whole({ from: 0, remark: ", which is all tokens" }), {
    default: 0,
    argument: "tokens",
    help: "choose among so many of the likeliest tokens; 0 for all",
  }),
  topP: option(real({ above: 0, to: 1, remark: ", which is all tokens" }), {
    default: 1,
    argument: "probability",
    help: "choose among the likeliest tokens of this probability; 1 for all",
  }),
  seed: option(seed(), { default: 1, help: "of the random choices" }),
};
