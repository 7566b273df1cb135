/** Carries a state through a network, one pass a step. Between steps a host may change entries, as it does to hand over input. */
export interface Engine {
  /** The current state; read it, change it by `put`. */
  readonly state: Float64Array;
  put(index: number, value: number): void;
  /** state <- network(state). */
  step(): void;
  /** The state that the last step started from. */
  readonly input: Float64Array;
  /** Values of a stage's neurons in the last step. */
  activations(stage: number): Float64Array;
  /** Multiply-adds of all steps so far. */
  readonly operations: number;
}
