import { philox } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { belady, cacheSim, missCurve } from '../src/index.ts';
import { lruMisses } from './reference.ts';

/** Lines with and without locality. */
function trace(k: number): number[] {
  const rng = philox(21, k);
  const lines = 1 + rng.integer(40);
  let at = 0;
  return Array.from({ length: 300 }, () => {
    at = rng.integer(3) === 0 ? rng.integer(lines) : (at + 1) % lines;
    return at;
  });
}

const LINE = 64;
const misses = (lines: readonly number[], capacity: number, policy: 'lru' | 'fifo' = 'lru') =>
  cacheSim({ bytes: capacity * LINE, lineBytes: LINE, policy }).accessAll(lines.map((line) => line * LINE + (line % LINE)));

describe('P9: caches', () => {
  const claim = (simulated: typeof misses) => {
    for (let k = 0; k < effort(60); k++) {
      const lines = trace(k);
      const capacity = 1 + (k % 45);
      expect(simulated(lines, capacity)).toBe(lruMisses(lines, capacity));
    }
  };
  it('LRU is a list with the line used last in front', () => claim(misses));
  it('which a queue is not', () => mustFail(() => claim((lines, capacity) => misses(lines, capacity, 'fifo'))));

  it('stack distances give the misses of all sizes at once', () => {
    for (let k = 0; k < effort(30); k++) {
      const lines = trace(k);
      const curve = missCurve(lines);
      expect(curve.lines).toBe(new Set(lines).size);
      expect(curve.misses(0)).toBe(lines.length);
      for (let capacity = 1; capacity <= 45; capacity++) expect(curve.misses(capacity)).toBe(lruMisses(lines, capacity));
    }
  });

  it('Belady is at most LRU, and with twice the lines LRU is at most twice Belady (Sleator and Tarjan)', () => {
    for (let k = 0; k < effort(60); k++) {
      const lines = trace(k);
      const capacity = 1 + (k % 20);
      const least = belady(lines, capacity);
      expect(least).toBeLessThanOrEqual(lruMisses(lines, capacity));
      expect(lruMisses(lines, 2 * capacity)).toBeLessThanOrEqual(2 * least + capacity);
      if (capacity > 1) expect(least).toBeLessThanOrEqual(belady(lines, capacity - 1));
    }
  });
  it('Belady is the least, by trying all choices', () => {
    const least = (lines: readonly number[], capacity: number): number => {
      let states = new Map<string, number>([['', 0]]);
      for (const line of lines) {
        const next = new Map<string, number>();
        for (const [key, cost] of states) {
          const held = key === '' ? [] : key.split(',').map(Number);
          const put = (set: number[], price: number) => {
            const name = set.sort((a, b) => a - b).join(',');
            next.set(name, Math.min(next.get(name) ?? Number.POSITIVE_INFINITY, price));
          };
          if (held.includes(line)) put(held, cost);
          else if (held.length < capacity) put([...held, line], cost + 1);
          else for (const out of held) put([...held.filter((one) => one !== out), line], cost + 1);
        }
        states = next;
      }
      return Math.min(...states.values());
    };
    for (let k = 0; k < effort(20); k++) {
      const rng = philox(22, k);
      const lines = Array.from({ length: 25 }, () => rng.integer(6));
      for (const capacity of [1, 2, 3]) expect(belady(lines, capacity)).toBe(least(lines, capacity));
    }
  });

  it('sets: a cache of one way per set keeps the last line of each set', () => {
    const cache = cacheSim({ bytes: 4 * LINE, ways: 1 });
    expect([0, 4, 0, 1, 1].map((line) => cache.access(line * LINE))).toEqual([false, false, false, false, true]);
    const all = cacheSim({ bytes: 4 * LINE, ways: 4 });
    const full = cacheSim({ bytes: 4 * LINE });
    for (const line of trace(3)) expect(all.access(line * LINE)).toBe(full.access(line * LINE));
  });
  it('sets: as many small lists', () => {
    for (let k = 0; k < effort(20); k++) {
      const lines = trace(k);
      const cache = cacheSim({ bytes: 8 * LINE, ways: 2 });
      const wanted = [0, 1, 2, 3].reduce(
        (sum, set) =>
          sum +
          lruMisses(
            lines.filter((line) => line % 4 === set),
            2,
          ),
        0,
      );
      expect(cache.accessAll(lines.map((line) => line * LINE))).toBe(wanted);
    }
  });
  it('refuse sizes that are none', () => {
    expect(() => cacheSim({ bytes: 10 })).toThrow('bytes');
    expect(() => cacheSim({ bytes: 640, ways: 11 })).toThrow('ways');
    expect(() => belady([1], 0)).toThrow('capacity');
  });
});
