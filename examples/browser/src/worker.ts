/** Trains a model and lets it write, away from the page's own thread, which stays free for the reader. */

import { type LanguageModel, threadReport, trainLanguageModel, wasmBackend } from "rondo";
import type { News, Order } from "./messages.ts";

const epochs = 20;
const threads = Math.min(navigator.hardwareConcurrency, 8);
let model: LanguageModel | undefined;

const tell = (news: News) => self.postMessage(news);

async function train(text: string): Promise<void> {
  model = await trainLanguageModel(text, {
    cell: "gru",
    hidden: 128,
    epochs,
    learningRate: 0.005,
    backend: wasmBackend({ threads }),
    onEvent(event) {
      if (event.event !== "step") return;
      tell({ news: "progress", done: event.epoch / epochs, loss: event.loss, report: threadReport() });
    },
  });
  tell({ news: "trained" });
}

function write(prompt: string): void {
  if (model) tell({ news: "written", text: model.generate(prompt, { length: 200, temperature: 0.5 }) });
}

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  try {
    if (data.order === "train") await train(data.text);
    else write(data.prompt);
  } catch (error) {
    tell({ news: "failure", reason: String(error) });
  }
};
