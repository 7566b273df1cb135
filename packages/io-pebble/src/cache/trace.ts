import { checkWhole } from '../check.ts';

/** Misses of a fully associative cache for every capacity at once. */
export interface MissCurve {
  readonly accesses: number;
  /** Different lines, each missed at least once. */
  readonly lines: number;
  /** Misses of an LRU cache of so many lines. */
  misses(capacity: number): number;
}

/**
 * Stack distances of a trace in one pass: how many different lines are used between two uses of a line. An LRU cache of c lines misses
 * just those whose distance is at least c, so one pass gives the misses of every size.
 *
 * @param trace - numbers of lines.
 * Cost: O(n log n) for n accesses.
 * Source: Mattson et al., IBM Systems Journal 9 (1970); the tree over times, Olken, LBL-12370 (1981).
 */
export function missCurve(trace: ArrayLike<number>): MissCurve {
  const n = trace.length;
  /** Fenwick tree over times: 1 where the last use of some line is. */
  const tree = new Int32Array(n + 1);
  const add = (time: number, by: number): void => {
    for (let i = time + 1; i <= n; i += i & -i) tree[i]! += by;
  };
  const upTo = (time: number): number => {
    let sum = 0;
    for (let i = time; i > 0; i -= i & -i) sum += tree[i]!;
    return sum;
  };
  const last = new Map<number, number>();
  const histogram: number[] = [];
  for (let time = 0; time < n; time++) {
    const line = trace[time]!;
    const before = last.get(line);
    if (before !== undefined) {
      const distance = last.size - upTo(before + 1);
      histogram[distance] = (histogram[distance] ?? 0) + 1;
      add(before, -1);
    }
    add(time, 1);
    last.set(line, time);
  }
  const hits = new Float64Array(histogram.length + 1);
  for (let d = 0; d < histogram.length; d++) hits[d + 1] = hits[d]! + (histogram[d] ?? 0);
  return {
    accesses: n,
    lines: last.size,
    misses(capacity) {
      checkWhole('missCurve', 'capacity', capacity, 0);
      return n - hits[Math.min(capacity, histogram.length)]!;
    },
  };
}

/**
 * Least possible misses of a fully associative cache on a trace: what is used again last leaves (Belady). Stores are free; with their
 * price counted, too, the problem is hard.
 *
 * Cost: O(n log capacity).
 * Source: Belady, IBM Systems Journal 5 (1966).
 */
export function belady(trace: ArrayLike<number>, capacity: number): number {
  checkWhole('belady', 'capacity', capacity, 1);
  const n = trace.length;
  const next = new Float64Array(n);
  const seen = new Map<number, number>();
  for (let time = n - 1; time >= 0; time--) {
    next[time] = seen.get(trace[time]!) ?? Number.POSITIVE_INFINITY;
    seen.set(trace[time]!, time);
  }
  /** Lines by their next use, latest first; entries that are out of date are passed over. */
  const heap: { line: number; use: number }[] = [];
  const current = new Map<number, number>();
  let misses = 0;
  for (let time = 0; time < n; time++) {
    const line = trace[time]!;
    if (!current.has(line)) {
      misses++;
      while (current.size >= capacity) {
        const top = pop(heap)!;
        if (current.get(top.line) === top.use) current.delete(top.line);
      }
    }
    current.set(line, next[time]!);
    push(heap, { line, use: next[time]! });
  }
  return misses;
}

interface Use {
  readonly line: number;
  readonly use: number;
}

function push(heap: Use[], entry: Use): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]!.use >= entry.use) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Use[]): Use | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.use > heap[child]!.use) child++;
    if (heap[child]!.use <= last.use) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return top;
}
