/** Slow and obvious versions of everything that is checked. */
import { isAllowed, type Mask } from '../src/masks/mask.ts';
import { isInput, type PebbleDag } from '../src/pebble/dag.ts';
import type { Variant } from '../src/pebble/verify.ts';

export interface Sizes {
  readonly nq: number;
  readonly nk: number;
  readonly d: number;
  readonly dv: number;
  readonly mask: Mask | undefined;
}

/** O and the logarithms of the rows' sums of exponentials; rows without keys are 0 and -Infinity. */
export function attention(
  { nq, nk, d, dv, mask }: Sizes,
  Q: Float64Array,
  K: Float64Array,
  V: Float64Array,
): { O: Float64Array; L: Float64Array } {
  const O = new Float64Array(nq * dv);
  const L = new Float64Array(nq);
  for (let i = 0; i < nq; i++) {
    const scores = Array.from({ length: nk }, (_, j) => {
      if (mask !== undefined && !isAllowed(mask, i, j)) return Number.NEGATIVE_INFINITY;
      let sum = 0;
      for (let t = 0; t < d; t++) sum += Q[i * d + t]! * K[j * d + t]!;
      return sum;
    });
    const largest = Math.max(...scores);
    if (largest === Number.NEGATIVE_INFINITY) {
      L[i] = largest;
      continue;
    }
    const weights = scores.map((score) => Math.exp(score - largest));
    const sum = weights.reduce((a, b) => a + b, 0);
    L[i] = largest + Math.log(sum);
    for (let j = 0; j < nk; j++) for (let k = 0; k < dv; k++) O[i * dv + k]! += (weights[j]! / sum) * V[j * dv + k]!;
  }
  return { O, L };
}

/** Row-major product of m x k and k x n. */
export function matmul(A: Float64Array, B: Float64Array, m: number, k: number, n: number): Float64Array {
  const C = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) for (let t = 0; t < k; t++) C[i * n + j]! += A[i * k + t]! * B[t * n + j]!;
  return C;
}

/** Central differences of a function of a vector. */
export function differences(f: (x: Float64Array) => number, x: Float64Array, step = 1e-5): Float64Array {
  return x.map((_, i) => {
    const [up, down] = [x.slice(), x.slice()];
    up[i]! += step;
    down[i]! -= step;
    return (f(up) - f(down)) / (2 * step);
  });
}

/** Least cost of pebbling by Dijkstra over single moves: no heuristic, no normal form, no symmetry. For some ten vertices. */
export function leastCost(dag: PebbleDag, M: number, variant: Variant, slide: boolean, computeCost = 0.01): number {
  const { size, start, predecessors, weights } = dag;
  const before = Array.from({ length: size }, (_, v) => [...predecessors.subarray(start[v]!, start[v + 1]!)]);
  let inputs = 0;
  for (let v = 0; v < size; v++) if (isInput(dag, v)) inputs |= 1 << v;
  const outputs = dag.outputs.reduce((mask, v) => mask | (1 << v), 0);
  const words = (mask: number) => weights.reduce((sum, weight, v) => sum + (((mask >>> v) & 1) === 1 ? weight : 0), 0);
  const best = new Map<string, number>();
  let layers: { cost: number; red: number; blue: number; done: number }[] = [];
  const add = (cost: number, red: number, blue: number, done: number): void => {
    const key = `${red} ${blue} ${variant === 'oneshot' ? done : 0}`;
    if ((best.get(key) ?? Number.POSITIVE_INFINITY) <= cost) return;
    best.set(key, cost);
    layers.push({ cost, red, blue, done });
  };
  add(0, 0, inputs, 0);
  for (;;) {
    if (layers.length === 0) return Number.POSITIVE_INFINITY;
    const least = layers.reduce((low, state) => Math.min(low, state.cost), Number.POSITIVE_INFINITY);
    const now = layers.filter(({ cost }) => cost === least);
    layers = layers.filter(({ cost }) => cost !== least);
    for (const { cost, red, blue, done } of now) {
      if (best.get(`${red} ${blue} ${variant === 'oneshot' ? done : 0}`)! < cost) continue;
      if ((outputs & ~blue) === 0) return cost;
      for (let v = 0; v < size; v++) {
        const bit = 1 << v;
        const isRed = (red & bit) !== 0;
        const isBlue = (blue & bit) !== 0;
        if (isRed && !isBlue) add(cost + weights[v]!, red, blue | bit, done);
        if (isRed && (variant !== 'nodel' || isBlue)) add(cost, red & ~bit, blue, done);
        if (!isRed && isBlue && words(red | bit) <= M) add(cost + weights[v]!, red | bit, blue, done);
        const ready = before[v]!.length > 0 && before[v]!.every((u) => (red & (1 << u)) !== 0);
        if (isRed || !ready || (variant === 'oneshot' && (done & bit) !== 0)) continue;
        const price = cost + (variant === 'compcost' ? computeCost : 0);
        if (words(red | bit) <= M) add(price, red | bit, blue, done | bit);
        if (!slide) continue;
        for (const u of before[v]!) {
          const next = (red | bit) & ~(1 << u);
          if ((variant !== 'nodel' || (blue & (1 << u)) !== 0) && words(next) <= M) add(price, next, blue, done | bit);
        }
      }
    }
  }
}

/** Misses of an LRU cache of lines kept as a list. */
export function lruMisses(lines: readonly number[], capacity: number): number {
  const held: number[] = [];
  let misses = 0;
  for (const line of lines) {
    const at = held.indexOf(line);
    if (at >= 0) held.splice(at, 1);
    else misses++;
    held.unshift(line);
    held.length = Math.min(held.length, capacity);
  }
  return misses;
}
