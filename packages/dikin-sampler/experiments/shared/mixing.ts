import { essMean, type Walk } from '@x/dikin-sampler';

export interface Mixing {
  /** Steps for one effective draw: of the slowest coordinate, and of the mean effective size of all. */
  readonly worst: number;
  readonly typical: number;
  readonly acceptance: number;
}

const RECORDS = 4000;

/** Runs a walk from where it stands and measures how many steps an effective draw takes; a tenth of the steps go first. */
export function mixing(walk: Walk, dimension: number, steps: number, signal: AbortSignal): Mixing {
  const stride = Math.max(1, Math.round(steps / RECORDS));
  walk.advance(Math.ceil(steps / 10));
  const chains = Array.from({ length: dimension }, () => new Float64Array(RECORDS));
  let moved = 0;
  for (let t = 0; t < RECORDS; t++) {
    if (t % 100 === 0) signal.throwIfAborted();
    moved += walk.advance(stride);
    for (let j = 0; j < dimension; j++) chains[j]![t] = walk.position[j]!;
  }
  const made = stride * RECORDS;
  const sizes = chains.map((chain) => essMean([chain]));
  const mean = sizes.reduce((sum, size) => sum + size, 0) / dimension;
  return { worst: made / sizes.reduce((a, b) => Math.min(a, b)), typical: made / mean, acceptance: moved / made };
}
