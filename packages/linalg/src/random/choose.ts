import { checkRng, checkSize } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { newArray } from '../memory.ts';
import type { Rng } from './rng.ts';

/**
 * `count` different whole numbers in [0, n), each set equally likely, in increasing order.
 *
 * @throws ShapeError or ArgumentError unless 0 <= count <= n; OutOfMemoryError.
 * Cost: `count` draws (Floyd's algorithm), and a sort or n bytes.
 */
export function choose(rng: Rng, n: number, count: number): Int32Array {
  checkRng('choose', rng);
  checkSize('choose', 'n', n);
  checkSize('choose', 'count', count);
  if (count > n) throw new ArgumentError(`choose: count is ${count}; it must be at most n = ${n}`, 'count');
  // A Set holds at most 2^24 numbers; marks serve wherever more could come.
  if (128 * count >= n) {
    const marks = newArray('choose', Uint8Array, n);
    for (let last = n - count; last < n; last++) {
      const draw = rng.integer(last + 1);
      marks[marks[draw] ? last : draw] = 1;
    }
    const marked = newArray('choose', Int32Array, count);
    for (let i = 0, found = 0; i < n; i++) if (marks[i]) marked[found++] = i;
    return marked;
  }
  const chosen = new Set<number>();
  for (let last = n - count; last < n; last++) {
    const draw = rng.integer(last + 1);
    chosen.add(chosen.has(draw) ? last : draw);
  }
  return Int32Array.from(chosen).sort();
}
