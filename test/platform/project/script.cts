/** A user's script in CommonJS. */

import { compile, float32 } from "rondo";

export const double = compile((x) => x.mul(2), { inputs: float32("B") });
