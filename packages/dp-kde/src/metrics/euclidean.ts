import { philox } from '@x/linalg';
import { ShapeError } from '@x/linalg/errors';
import type { PrivacyBudget } from '../budget/budget.ts';
import { checkWhole } from '../check.ts';
import { type Bounds, designOf } from '../design.ts';
import { type BuilderOptions, DistanceBuilder, type ReleaseOptions } from '../oracle/builder.ts';
import type { Answer, DistanceOracle } from '../oracle/oracle.ts';

export interface EuclideanOptions extends BuilderOptions {
  /** How many directions the rows are projected on, in [1, 65536]. Default 64. */
  readonly directions?: number;
  /** Of the directions, which are public: same seed, same directions. Default 1. */
  readonly seed?: number;
}

export interface EuclideanAnswer extends Answer {
  /**
   * One standard deviation of the error that finitely many directions make, for rows all on one side of y; less for rows around it. It is
   * fixed with the directions, and not in `stddev`.
   */
  readonly slicing: number;
}

/** Public: how points become projections. */
interface Slices {
  readonly bounds: readonly Bounds[];
  /** Unit vectors, one after the other: orthogonal in blocks of d. */
  readonly directions: Float64Array;
  readonly count: number;
  /** Mean of |u_1| over the sphere. */
  readonly mean: number;
}

/**
 * Sums of Euclidean distances by slices: |x - y|_2 is the mean of |<u, x - y>| over unit vectors u, divided by that of |u_1|, so that l1 distances of
 * projections answer for it. Gaussian noise costs (mean range of the projections) sigma / mean |u_1|, for any number of directions.
 */
export class EuclideanBuilder {
  readonly #slices: Slices;
  readonly #inner: DistanceBuilder;

  /** @throws ArgumentError naming the option that is wrong. */
  constructor({ directions = 64, seed = 1, ...options }: EuclideanOptions) {
    const { bounds } = designOf('EuclideanBuilder', options);
    checkWhole('EuclideanBuilder', 'directions', directions, 1, 65_536);
    checkWhole('EuclideanBuilder', 'seed', seed, 0, Number.MAX_SAFE_INTEGER);
    this.#slices = {
      bounds,
      directions: directionsOf(bounds.length, directions, seed),
      count: directions,
      mean: meanOfCoordinate(bounds.length),
    };
    this.#inner = new DistanceBuilder({ ...options, bounds: rangesOf(this.#slices) });
  }

  /**
   * Adds rows, clamped to the bounds, NaN to the lower one.
   *
   * @throws ShapeError, TooManyRowsError, SpentBuilderError.
   * Cost: 2 columns * directions flops a row.
   */
  add(points: ArrayLike<number>): this {
    const { bounds } = this.#slices;
    const d = bounds.length;
    checkRows('EuclideanBuilder.add', points, d);
    const inside = Float64Array.from({ length: points.length }, (_, i) => {
      const [lower, upper] = bounds[i % d]!;
      const x = points[i] as number;
      return x > lower ? Math.min(x, upper) : lower;
    });
    const projected = project(this.#slices, inside);
    this.#inner.add(projected);
    inside.fill(0);
    projected.fill(0);
    return this;
  }

  /** As `DistanceBuilder.merge`. */
  merge(other: EuclideanBuilder): this {
    this.#inner.merge(other.#inner);
    return this;
  }

  /** As `DistanceBuilder.release`. */
  release(budget: PrivacyBudget, options: ReleaseOptions = {}): EuclideanOracle {
    return new EuclideanOracle(this.#slices, this.#inner.release(budget, { label: 'Euclidean distance oracle', ...options }));
  }
}

/** Answers sum over the rows of |x - y|_2. Immutable; draws no randomness. */
export class EuclideanOracle {
  readonly design: { readonly bounds: readonly Bounds[] };
  /** The oracle of the projections, with its privacy and its bytes. */
  readonly projections: DistanceOracle;
  readonly #slices: Slices;

  constructor(slices: Slices, projections: DistanceOracle) {
    this.#slices = slices;
    this.projections = projections;
    this.design = { bounds: slices.bounds };
  }

  /** @throws ShapeError unless y has a number for each column; NonFiniteError when one is NaN or infinite. */
  query(y: ArrayLike<number>): EuclideanAnswer {
    const d = this.#slices.bounds.length;
    if (y?.length !== d) throw new ShapeError(`EuclideanOracle.query: y has ${String(y?.length)} numbers; it must have ${d}`);
    const answer = this.projections.query(project(this.#slices, y));
    const { count, mean } = this.#slices;
    const scale = 1 / (count * mean);
    return {
      value: answer.value * scale,
      stddev: answer.stddev * scale,
      bias: [answer.bias[0] * scale, answer.bias[1] * scale],
      factor: answer.factor,
      // The variance of |u_1| over its mean squared is 1 / (d mean^2) - 1; directions of a block are nearly independent in this.
      slicing: Math.abs(answer.value * scale) * Math.sqrt(Math.max(0, 1 / (d * mean * mean) - 1) / count),
      ci: (level) => answer.ci(level).map((end) => end * scale) as [number, number],
    };
  }

  /** The values of `query` for many points, row by row. */
  queryBatch(Y: Float64Array): Float64Array {
    checkRows('EuclideanOracle.queryBatch', Y, this.#slices.bounds.length);
    const scale = 1 / (this.#slices.count * this.#slices.mean);
    return this.projections.queryBatch(project(this.#slices, Y)).map((value) => value * scale);
  }
}

function checkRows(operation: string, points: ArrayLike<number>, d: number): void {
  if (!Number.isInteger(points?.length) || points.length % d !== 0) {
    throw new ShapeError(`${operation}: there are ${String(points?.length)} numbers; there must be ${d} for each row`);
  }
}

/** Gamma(d / 2) / (sqrt pi Gamma((d + 1) / 2)), from 1 at d = 1 and 2 / pi at d = 2 by c(d + 2) = c(d) d / (d + 1). */
function meanOfCoordinate(d: number): number {
  let c = d % 2 === 1 ? 1 : 2 / Math.PI;
  for (let k = d % 2 === 1 ? 1 : 2; k < d; k += 2) c *= k / (k + 1);
  return c;
}

/** Random orthonormal blocks: normal vectors, each made orthogonal (twice, for rounding) to those before it in its block. */
function directionsOf(d: number, count: number, seed: number): Float64Array {
  const rng = philox(seed);
  const out = new Float64Array(count * d);
  for (let i = 0; i < count; i++) {
    const u = rng.fillNormal(out.subarray(i * d, (i + 1) * d));
    for (let pass = 0; pass < 2; pass++) {
      for (let k = i - (i % d); k < i; k++) {
        const v = out.subarray(k * d, (k + 1) * d);
        const along = u.reduce((sum, x, j) => sum + x * v[j]!, 0);
        for (let j = 0; j < d; j++) u[j] = u[j]! - along * v[j]!;
      }
    }
    const length = Math.sqrt(u.reduce((sum, x) => sum + x * x, 0));
    for (let j = 0; j < d; j++) u[j] = u[j]! / length;
  }
  return out;
}

/** What projections of points of the box lie between; rounding errors are clamped. */
function rangesOf({ bounds, directions, count }: Slices): Bounds[] {
  return Array.from({ length: count }, (_, i) => {
    let [low, high] = [0, 0];
    for (const [j, [lower, upper]] of bounds.entries()) {
      const [a, b] = [lower * directions[i * bounds.length + j]!, upper * directions[i * bounds.length + j]!];
      low += Math.min(a, b);
      high += Math.max(a, b);
    }
    return [low, high];
  });
}

function project({ bounds, directions, count }: Slices, points: ArrayLike<number>): Float64Array {
  const d = bounds.length;
  const rows = points.length / d;
  const out = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += (points[i * d + j] as number) * directions[k * d + j]!;
      out[i * count + k] = sum;
    }
  }
  return out;
}
