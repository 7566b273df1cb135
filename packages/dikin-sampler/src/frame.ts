import { type Csr, csrGram, csrMultiply, csrMultiplyTransposed, dense, transpose } from '@x/linalg';
import { minimizeBarrier, type Quadratic } from './center.ts';
import { type Coordinates, sparseCoordinates, widthsOf } from './coordinates.ts';
import type { Density, LogConcave } from './density.ts';
import { DensityError } from './errors.ts';
import { solveLower } from './kernel/cholesky.ts';
import type { Prepared } from './prepare/prepare.ts';
import { affine, multiplySparse, packRows } from './sparse.ts';

/**
 * The coordinates w a walk runs in. The body is {w : A w <= slack} with w = 0 at the centre, the density exp(-f(w)), and a point in
 * the body's own coordinates is x = origin + map w. The frame is chosen once, before the walk starts, and is the same for all
 * chains: an affine change of coordinates maps the uniform or Gaussian density to itself, so it changes speed only.
 */
export interface Frame {
  readonly dimension: number;
  readonly A: Csr;
  readonly slack: Float64Array;
  readonly quadratic: Quadratic | undefined;
  /** What a user's density adds to f, in these coordinates. */
  readonly energy?: (w: Float64Array) => number;
  /** M of the soft threshold r^2 M in the Dikin metric, d x d; f is 1-Lipschitz, but for a factor sqrt(kappa), in its norm. */
  readonly soft?: Float64Array;
  readonly origin: Float64Array;
  readonly map: Csr;
}

/**
 * `axes`: coordinates in which sparse constraints stay sparse (coordinates.ts). `rounded`: those in which the Hessian of barrier
 * plus f at the centre is the identity, so that the body holds the unit ball and lies within one of radius nu. `scaled`: sparse as `axes`, and
 * so chosen that every coordinate moves freely, which for large networks is worth more than roundness.
 */
export type FrameKind = 'axes' | 'rounded' | 'scaled';

/**
 * The frame around the minimiser of barrier plus f, where f is known to be convex with curvature; that is the analytic centre where the
 * density is uniform, and taken for it where the density is the user's.
 */
export function frameOf(prepared: Prepared, density: Density, kind: FrameKind): Frame {
  const { A, b, basis, origin, dimension: d } = prepared;
  const f = pullBack(density, origin, basis);
  const { point, factor } =
    f === undefined ? { point: prepared.center, factor: prepared.factor } : minimizeBarrier(A, b, prepared.center, f);
  const coordinates =
    kind === 'rounded'
      ? rounded(prepared, inverseTransposed(factor, d))
      : sparseCoordinates(prepared, kind === 'scaled' ? widthsOf(prepared, factor) : undefined);
  const { map } = coordinates;
  const start = affine(origin, basis, point);
  const quadratic = pullBack(density, start, map);
  const soft = softThreshold(density, quadratic, map);
  return {
    dimension: d,
    A: coordinates.A,
    slack: difference(b, csrMultiply(A, point)),
    quadratic,
    ...(density.kind === 'logConcave' && { energy: userEnergy(density, start, map) }),
    ...(soft && { soft }),
    origin: start,
    map,
  };
}

function rounded({ A, basis }: Prepared, R: Csr): Coordinates {
  return { A: multiplySparse(A, R), map: multiplySparse(basis, R) };
}

/** The quadratic part of f in the coordinates w of x = origin + map w, without its constant. */
export function pullBack(density: Density, origin: Float64Array, map: Csr): Quadratic | undefined {
  if (density.kind === 'uniform' || density.kind === 'logConcave') return undefined;
  const n = origin.length;
  const d = map.cols;
  if (density.kind === 'exponential') {
    return { P: new Float64Array(d * d), g: csrMultiplyTransposed(map, dense(n, 1, density.rate)).data };
  }
  const precision = dense(n, n, density.precision);
  const MtP = csrMultiplyTransposed(map, precision);
  const P = csrMultiplyTransposed(map, transpose(MtP));
  const offset = origin.map((value, i) => value - density.mean[i]!);
  const g = Float64Array.from({ length: d }, (_, j) =>
    MtP.data.subarray(j * n, (j + 1) * n).reduce((sum, v, i) => sum + v * offset[i]!, 0),
  );
  return { P: P.data, g };
}

/**
 * M of the soft threshold 1/eta = d M, in the coordinates w of x = origin + map w: for a user's density L^2 times the identity of the body's
 * own coordinates. For exp(-g^T w) we take g g^T, in whose seminorm f is 1-Lipschitz too and which keeps the walk affine invariant.
 */
export function softThreshold(density: Density, quadratic: Quadratic | undefined, map: Csr): Float64Array | undefined {
  if (density.kind === 'exponential' && quadratic !== undefined) {
    const { g } = quadratic;
    const d = g.length;
    return Float64Array.from({ length: d * d }, (_, at) => g[Math.floor(at / d)]! * g[at % d]!);
  }
  if (density.kind !== 'logConcave' || density.lipschitz === 0) return undefined;
  const squared = density.lipschitz * density.lipschitz;
  return csrGram(map).data.map((v) => squared * v);
}

/** -log of a user's density in the coordinates w of x = origin + map w. @throws DensityError. */
export function userEnergy({ logDensity }: LogConcave, origin: Float64Array, map: Csr): (w: Float64Array) => number {
  const x = new Float64Array(origin.length);
  return (w) => {
    for (let i = 0; i < x.length; i++) {
      let sum = origin[i]!;
      for (let p = map.indptr[i]!; p < map.indptr[i + 1]!; p++) sum += map.data[p]! * w[map.indices[p]!]!;
      x[i] = sum;
    }
    let value: number;
    try {
      value = logDensity(x);
    } catch (error) {
      throw new DensityError(`logDensity: it threw ${String(error)}`, x.slice(), error);
    }
    if (typeof value !== 'number' || Number.isNaN(value) || value === Number.POSITIVE_INFINITY) {
      throw new DensityError(`logDensity: it returned ${String(value)}; it must be a number below Infinity`, x.slice());
    }
    return -value;
  };
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}

/** L^{-T}, upper triangular. Row i of it is column i of L^{-1}, which solves L z = e_i. */
function inverseTransposed(L: Float64Array, d: number): Csr {
  const columns = Int32Array.from({ length: d }, (_, i) => i);
  const rows = Array.from({ length: d }, (_, i) => {
    const entries = new Float64Array(d);
    entries[i] = 1;
    solveLower(L, d, entries);
    return { columns, entries };
  });
  return packRows(d, rows);
}
