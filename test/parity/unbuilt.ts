/** Kinds of cases that the reference files hold and Rondo does not compute yet: they are told apart to say why. */

import type { Case } from "./case.ts";
import type { Kind } from "./kind.ts";

function unbuilt(name: string, recognises: (given: Case) => boolean): Kind {
  return { name, tolerance: 0, recognises, compute: () => ({ skip: `${name} is not built yet` }) };
}

export const unbuiltKinds: readonly Kind[] = [
  unbuilt("a network over trees", ({ inputs }) => Boolean(inputs.left && inputs.right)),
];
