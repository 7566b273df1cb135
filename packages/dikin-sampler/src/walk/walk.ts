/**
 * A Markov chain in the coordinates of a frame, for which the density restricted to the body is exactly stationary. Everything it
 * needs is allocated when it is made; `advance` allocates nothing.
 */
export interface Walk {
  readonly kind: string;
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
  /**
   * Everything that the chain's future depends on, the position of its random numbers and the step size included, as a copy. Only a walk
   * that was made in the same way can take it.
   */
  save(): Float64Array;
  /** Goes on from where a walk saved: the same steps, bit for bit. @throws ShapeError for a state of another length. */
  restore(state: Float64Array): void;
}

/** A walk that proposes by a metric and accepts or rejects. */
export interface DikinWalk extends Walk {
  /** r of alpha = r^2 / d, which tuning sets and sampling leaves alone. */
  radius: number;
  /**
   * Makes the proposal that `noise` gives, z = w + Phi(w)^{-1/2} noise, and returns log tau, the logarithm of the acceptance ratio:
   * -Infinity where z lies outside the body. `accept` then moves the chain there.
   *
   * @param noise - `normals` standard normals.
   */
  propose(noise: Float64Array): number;
  /** Standard normals that a proposal takes: d, and more where the metric is made by Woodbury's formula. */
  readonly normals: number;
  /** The last proposal. */
  readonly proposal: Float64Array;
  accept(): void;
}
