/**
 * A Markov chain in the coordinates of a frame, for which the density restricted to the body is exactly stationary. Everything it
 * needs is allocated when it is made; `advance` allocates nothing.
 */
export interface Walk {
  readonly kind: 'dikin' | 'cdhr';
  /** Where the chain stands; valid until the next call. */
  readonly position: Float64Array;
  /** f at the position, without its constant; 0 where the density is uniform. */
  readonly energy: number;
  /** Smallest slack at the position. */
  readonly minSlack: number;
  /** Moves the chain to a point strictly inside the body. */
  place(w: Float64Array): void;
  /** Makes `steps` steps and returns how many of them moved. */
  advance(steps: number): number;
}
