import { checkSize } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import type { Rng } from './rng.ts';

/**
 * `count` different whole numbers in [0, n), each set equally likely, in increasing order.
 *
 * @throws ShapeError or ArgumentError unless 0 <= count <= n.
 * Cost: `count` draws (Floyd's algorithm) and a sort.
 */
export function choose(rng: Rng, n: number, count: number): Int32Array {
  checkSize('choose', 'n', n);
  checkSize('choose', 'count', count);
  if (count > n) throw new ArgumentError(`choose: count is ${count}; it must be at most n = ${n}`, 'count');
  const chosen = new Set<number>();
  for (let last = n - count; last < n; last++) {
    const draw = rng.integer(last + 1);
    chosen.add(chosen.has(draw) ? last : draw);
  }
  return Int32Array.from(chosen).sort();
}
