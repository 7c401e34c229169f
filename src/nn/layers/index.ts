/** The layers that models are made of. */

export { type Dropout, dropout } from "./dropout.ts";
export { type Embedding, embedding } from "./embedding.ts";
export type { Layer } from "./layer.ts";
export { type LayerNorm, layerNorm } from "./layer-norm.ts";
export { type Linear, type LinearOptions, linear } from "./linear.ts";
export {
  type Direction,
  directions,
  type Recurrent,
  type RecurrentCall,
  type RecurrentOptions,
  type RecurrentState,
  recurrent,
} from "./recurrent.ts";
