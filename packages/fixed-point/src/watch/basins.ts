import { AbortedError, ArgumentError, dense } from '@x/linalg';
import { checkFunction, checkRange, checkWhole, finiteVector } from '../check.ts';
import { pause } from '../pause.ts';
import { type BatchFn, type BatchOptions, solveBatch } from '../solve/batch.ts';
import type { VecFn } from '../solve/contract.ts';
import { solveFixedPoint } from '../solve/solve.ts';

/** A plane of starts: origin + s u + t v with s and t from -1 to 1. */
export interface Plane {
  readonly origin: ArrayLike<number>;
  readonly u: ArrayLike<number>;
  readonly v: ArrayLike<number>;
}

export interface BasinOptions extends Omit<BatchOptions, 'onProgress'> {
  /** Cells across and down. Default 256. */
  readonly width?: number;
  readonly height?: number;
  /** Ends of orbits closer than this, in the largest entry, are one attractor. Default 1e-6. */
  readonly distance?: number;
  readonly onProgress?: (fraction: number) => void;
}

/** Where each start of a plane ends. */
export interface BasinMap {
  readonly width: number;
  readonly height: number;
  readonly plane: { readonly origin: Float64Array; readonly u: Float64Array; readonly v: Float64Array };
  /** Row by row from the top, t = 1: 0 where nothing was reached, else 1 + the attractor's number. */
  readonly labels: Uint16Array;
  /** Iterations, at most 65535. */
  readonly iterations: Uint16Array;
  /** In the order in which they were met. */
  readonly attractors: readonly Float64Array[];
  readonly distance: number;
}

/**
 * The basins of attraction on a plane of starts, by plain iteration from the middle of every cell. Which points attract is found on the way.
 *
 * @param f - a map, or one for many points at once.
 * @throws ArgumentError; AbortedError.
 */
export async function basinMap(f: VecFn | { readonly batch: BatchFn }, plane: Plane, options: BasinOptions = {}): Promise<BasinMap> {
  const { width = 256, height = width, distance = 1e-6, onProgress, signal, method = 'picard', ...rest } = options;
  checkWhole('basinMap', 'width', width, 1, 1 << 14);
  checkWhole('basinMap', 'height', height, 1, 1 << 14);
  checkRange('basinMap', 'distance', distance, 0);
  const origin = finiteVector('basinMap', 'plane.origin', plane.origin);
  const d = origin.length;
  const u = finiteVector('basinMap', 'plane.u', plane.u, d);
  const v = finiteVector('basinMap', 'plane.v', plane.v, d);
  const batch = batchOf(f, d);
  const labels = new Uint16Array(width * height);
  const iterations = new Uint16Array(width * height);
  const attractors: Float64Array[] = [];
  const starts = new Float64Array(width * d);
  for (let row = 0; row < height; row++) {
    if (signal?.aborted) throw new AbortedError(`basinMap: aborted after ${row} of ${height} rows`);
    const t = 1 - (2 * row + 1) / height;
    for (let col = 0; col < width; col++) {
      const s = (2 * col + 1) / width - 1;
      for (let i = 0; i < d; i++) starts[col * d + i] = origin[i] + s * u[i] + t * v[i];
    }
    const result = solveBatch(batch, dense(width, d, starts), { method, ...rest });
    for (let col = 0; col < width; col++) {
      const p = row * width + col;
      iterations[p] = Math.min(result.iterations[col], 65535);
      if (result.reasons[col] === 'converged') labels[p] = labelOf(result.X.data.subarray(col * d, (col + 1) * d), attractors, distance);
    }
    onProgress?.((row + 1) / height);
    await pause();
  }
  return { width, height, plane: { origin, u, v }, labels, iterations, attractors, distance };
}

function batchOf(f: VecFn | { readonly batch: BatchFn }, d: number): BatchFn {
  if (typeof f === 'object' && f !== null && typeof f.batch === 'function') return f.batch;
  checkFunction('basinMap', 'f', f);
  const each = f as VecFn;
  return (X, out, rows) => {
    for (let i = 0; i < rows; i++) each(X.subarray(i * d, (i + 1) * d), out.subarray(i * d, (i + 1) * d));
  };
}

const MOST_ATTRACTORS = 65_534;

/** 1 + the number of the attractor that x lies at; a new one where there is none. */
function labelOf(x: Float64Array, attractors: Float64Array[], distance: number): number {
  for (const [k, a] of attractors.entries()) if (isNear(x, a, distance)) return k + 1;
  if (attractors.length === MOST_ATTRACTORS)
    throw new ArgumentError(`basinMap: more than ${MOST_ATTRACTORS} attractors; use a larger distance`, 'distance');
  attractors.push(x.slice());
  return attractors.length;
}

function isNear(x: Float64Array, a: Float64Array, distance: number): boolean {
  for (let i = 0; i < x.length; i++) if (!(Math.abs(x[i] - a[i]) <= distance)) return false;
  return true;
}

/**
 * Points of the boundaries between basins: between neighbouring cells with different labels, bisected until the two sides are within `tolerance` of
 * each other in the plane's coordinates.
 *
 * @returns pairs (s, t) one after the other.
 */
export function refineBoundary(f: VecFn, map: BasinMap, tolerance: number = 1e-6): Float64Array {
  checkFunction('refineBoundary', 'f', f);
  checkRange('refineBoundary', 'tolerance', tolerance, Number.MIN_VALUE);
  const { width, height, labels, plane, attractors, distance } = map;
  const place = (col: number, row: number) => [(2 * col + 1) / width - 1, 1 - (2 * row + 1) / height];
  const label = ([s, t]: readonly number[]) => {
    const run = solveFixedPoint(
      f,
      plane.origin.map((o, i) => o + s * plane.u[i] + t * plane.v[i]),
      { method: 'picard' },
    );
    return run.converged ? 1 + attractors.findIndex((a) => isNear(run.x, a, distance)) : 0;
  };
  const points: number[] = [];
  const between = (a: number[], b: number[], first: number) => {
    let [near, far] = [a, b];
    while (Math.max(Math.abs(near[0] - far[0]), Math.abs(near[1] - far[1])) > tolerance) {
      const middle = [(near[0] + far[0]) / 2, (near[1] + far[1]) / 2];
      if (label(middle) === first) near = middle;
      else far = middle;
    }
    points.push((near[0] + far[0]) / 2, (near[1] + far[1]) / 2);
  };
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const here = labels[row * width + col];
      if (col + 1 < width && labels[row * width + col + 1] !== here) between(place(col, row), place(col + 1, row), here);
      if (row + 1 < height && labels[(row + 1) * width + col] !== here) between(place(col, row), place(col, row + 1), here);
    }
  }
  return Float64Array.from(points);
}
