// Beam search over a GRU, one thread: steps a second, and which part of the time finds candidates and keeps hypotheses.
// `npm run build`, then `node bench/decoding.mjs [tokens] [hidden] [beam] [rows]`; default 8000 256 5 16.
import { performance } from "node:perf_hooks";
import {
  beamSearch,
  compileSteps,
  embedding,
  greedySearch,
  gru,
  initialize,
  int32,
  linear,
  logSoftmax,
  recurrent,
  stateTypes,
  zeroState,
} from "../dist/index.js";

const [tokens = 8000, hidden = 256, beam = 5, rows = 16] = process.argv.slice(2).map(Number);
const model = initialize(
  { embed: embedding(tokens, hidden), rnn: recurrent(gru, hidden, hidden), head: linear(hidden, tokens) },
  { seed: 1 },
);
const compiled = (outputOf) =>
  compileSteps(
    (token, before) => {
      const { output, state } = model.rnn.step(model.embed.apply(token), before);
      return [state, outputOf(model.head.apply(output))];
    },
    { inputs: int32("B"), state: stateTypes(model.rnn) },
  );

/** Milliseconds a step of the whole and of the model alone: those of the fastest of 7 searches. */
function measure(steps, repeat, search) {
  let best = { whole: Infinity, model: 0 };
  for (let round = 0; round < 7; round++) {
    const live = steps.begin({ state: zeroState(model.rnn, rows), repeat });
    const timed = { rows: live.rows, reorder: (order) => live.reorder(order), next };
    let [spent, calls] = [0, 0];
    function next(given) {
      const start = performance.now();
      const output = live.next(given);
      spent += performance.now() - start;
      calls += 1;
      return output;
    }
    const start = performance.now();
    search(timed);
    const whole = (performance.now() - start) / calls;
    if (whole < best.whole) best = { whole, model: spent / calls };
  }
  return best;
}

const options = { start: 0, end: 1, limit: 40, least: 40 };
const beams = (step) => beamSearch(step, { ...options, beam });
const cases = [
  [
    "greedy, logProbabilities",
    compiled((logits) => ({ logProbabilities: logSoftmax(logits) })),
    1,
    (step) => greedySearch(step, options),
  ],
  ["beams, logProbabilities", compiled((logits) => ({ logProbabilities: logSoftmax(logits) })), beam, beams],
  ["beams, logits", compiled((logits) => ({ logits })), beam, beams],
];
console.log(`GRU of ${hidden}, ${tokens} tokens, ${rows} rows, beam ${beam}`);
for (const [name, steps, repeat, search] of cases) {
  const { whole, model: own } = measure(steps, repeat, search);
  const [rest, share] = [whole - own, (100 * (whole - own)) / whole];
  console.log(
    `${name.padEnd(26)} ${(1000 / whole).toFixed(0).padStart(5)} steps/s  ${own.toFixed(2)} ms model + ${rest.toFixed(2)} ms search (${share.toFixed(0)} %)`,
  );
}
