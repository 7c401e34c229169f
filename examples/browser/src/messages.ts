/** What the page and the worker say to each other. */

import type { ThreadReport } from "rondo";

export type Order =
  | { readonly order: "train"; readonly text: string }
  | { readonly order: "write"; readonly prompt: string };

export type News =
  | { readonly news: "progress"; readonly done: number; readonly loss: number; readonly report: ThreadReport }
  | { readonly news: "trained" }
  | { readonly news: "written"; readonly text: string }
  | { readonly news: "failure"; readonly reason: string };
