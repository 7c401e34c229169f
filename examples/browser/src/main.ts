/** The page: hands the text to the worker, and shows how the training goes and what the model writes. */

import type { News, Order } from "./messages.ts";
import "./style.css";

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const order = (what: Order) => worker.postMessage(what);

const find = <Element extends HTMLElement>(selector: string) => document.querySelector(selector) as Element;
const [training, writing] = [find<HTMLFormElement>("#training"), find<HTMLFormElement>("#writing")];
const [loss, threads, output] = [find("#loss"), find("#threads"), find("#text")];
const bar = find<HTMLProgressElement>("progress");
const button = find<HTMLButtonElement>("#training button");

const field = (form: HTMLFormElement, name: string) => String(new FormData(form).get(name));

training.onsubmit = (event) => {
  event.preventDefault();
  button.disabled = true;
  order({ order: "train", text: field(training, "text") });
};

writing.onsubmit = (event) => {
  event.preventDefault();
  order({ order: "write", prompt: field(writing, "prompt") });
};

worker.onmessage = ({ data }: MessageEvent<News>) => {
  if (data.news === "progress") {
    bar.value = data.done;
    loss.textContent = `Loss: ${data.loss.toFixed(3)} nats per character`;
    threads.textContent = `Threads: ${data.report.threads} (${data.report.reason})`;
  } else if (data.news === "trained") {
    button.disabled = false;
    writing.hidden = false;
    writing.requestSubmit();
  } else {
    button.disabled = false;
    output.textContent = data.news === "written" ? data.text : data.reason;
  }
};
