import { checkRng, checkVector } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { Rng } from './rng.ts';

/** Draws indices with given probabilities in constant time. */
export interface AliasTable {
  /** An index; two uniforms of the generator are used. */
  draw(rng: Rng): number;
}

/**
 * Walker's alias table, by Vose's construction.
 *
 * @param weights - numbers >= 0, at least one positive; index i is drawn with probability weights[i] / sum.
 * @throws NonFiniteError or ArgumentError for weights that are not allowed.
 * Cost: O(n) once, O(1) a draw.
 */
export function aliasTable(weights: Float64Array): AliasTable {
  checkVector('aliasTable', 'weights', weights);
  const n = weights.length;
  const largest = weights.reduce((m, w) => Math.max(m, w), 0);
  if (!(largest > 0) || weights.some((w) => w < 0)) {
    throw new ArgumentError(`aliasTable: ${n} weights of which the largest is ${largest}; all must be >= 0 and one positive`, 'weights');
  }
  const total = weights.reduce((sum, w) => sum + w / largest, 0);
  const share = weights.map((w) => (w / largest / total) * n);
  const alias = Int32Array.from({ length: n }, (_, i) => i);
  const poor: number[] = [];
  const rich: number[] = [];
  for (let i = 0; i < n; i++) (share[i]! < 1 ? poor : rich).push(i);
  while (poor.length > 0 && rich.length > 0) {
    const [i, j] = [poor.pop()!, rich.pop()!];
    // Slot i keeps its share and gives the rest to j.
    alias[i] = j;
    share[j] = share[j]! + share[i]! - 1;
    (share[j]! < 1 ? poor : rich).push(j);
  }
  // Rounding leaves slots that are full but for rounding; one with no weight keeps its alias.
  for (const i of [...poor, ...rich]) share[i] = 1;
  return {
    draw(rng) {
      checkRng('draw', rng);
      const i = Math.floor(rng.uniform() * n);
      return rng.uniform() < share[i]! ? i : alias[i]!;
    },
  };
}
