import { checkSeed } from '../check.ts';
import { philox, type Rng } from './rng.ts';

/** What this library draws random numbers for. */
const USES = ['gaussian', 'sparse', 'srht', 'rows', 'directions', 'start'] as const;

/**
 * The generator of one use of a caller's seed. Uses split off from the last streams of the seed, which nobody counts up to, so that their
 * draws are independent of each other and of data that the caller made by `philox(seed)`.
 *
 * @param stream - tells draws for the same use apart.
 * @throws ArgumentError for a seed or a stream that is no whole number in [0, 2^53).
 */
export function philoxFor(use: (typeof USES)[number], seed: number, stream: number = 0): Rng {
  checkSeed('philox', 'stream', stream);
  return philox(seed, Number.MAX_SAFE_INTEGER - USES.indexOf(use)).split(stream);
}
