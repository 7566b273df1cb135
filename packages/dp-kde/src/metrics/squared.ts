import { exp, log } from '@x/linalg';
import { ArgumentError, NonFiniteError, ShapeError } from '@x/linalg/errors';
import { type Grant, PrivacyBudget } from '../budget/budget.ts';
import { checkRange } from '../check.ts';
import { type Design, type DesignOptions, designOf, rangeOf } from '../design.ts';
import { SpentBuilderError, TooManyRowsError } from '../errors.ts';
import { wipe } from '../features/histogram.ts';
import type { Term } from '../modes/mode.ts';
import { lawOf } from '../modes/scale.ts';
import type { Law } from '../noise/law.ts';
import { NoiseSampler } from '../noise/sampler.ts';
import { releaseBits } from '../oracle/bits.ts';
import type { ReleaseOptions } from '../oracle/builder.ts';
import { centralQuantile, varianceOfTerms } from '../oracle/interval.ts';

export type SquaredOptions = Pick<DesignOptions, 'bounds' | 'adjacency' | 'rowsPerUser'>;

/** Numbers are released in multiples of 1 / ONE of what they are at most for one row. */
const ONE = 2 ** 20;
const MOST_ROWS = 2 ** 32;

interface SquaredRelease {
  readonly bounds: Design['bounds'];
  /** One for each number. */
  readonly laws: readonly Law[];
  /** Sum of squares, sums of the columns, and, where it is secret, the number of rows. */
  readonly values: Float64Array;
  readonly publicRows: number | undefined;
  readonly privacy: { readonly epsilon?: number; readonly rho?: number };
  readonly secure: boolean;
}

export interface SquaredAnswer {
  readonly value: number;
  /** Of the noise, exactly. */
  readonly stddev: number;
  /** Rounding moves the noise-free answer by at most this for each row. */
  readonly biasPerRow: number;
  ci(level?: number): [low: number, high: number];
}

/**
 * Collects rows for sums of |x - y|_2^2 = sum |x|^2 - 2 y . sum x + n |y|^2 about the middle of the box: columns + 2 numbers, exact for any y.
 *
 * Gaussian noise shared out as the terms weigh in the corner that is furthest off costs 4 sum r_j^2 sigma there (r_j half a range): the price of
 * one such query, whose largest value that is.
 */
export class SquaredBuilder {
  readonly #design: Design;
  #sums: Float64Array | undefined;
  #rows = 0;

  /** @throws ArgumentError naming the option that is wrong. */
  constructor({ bounds, adjacency, rowsPerUser }: SquaredOptions) {
    this.#design = designOf('SquaredBuilder', { bounds, ...(adjacency && { adjacency }), ...(rowsPerUser && { rowsPerUser }) });
    this.#sums = new Float64Array(1 + bounds.length);
  }

  /**
   * Adds rows, clamped to the bounds, NaN to the lower one.
   *
   * @throws ShapeError, TooManyRowsError, SpentBuilderError; nothing has been added then.
   */
  add(points: ArrayLike<number>): this {
    const sums = this.#live('add');
    const { bounds } = this.#design;
    const d = bounds.length;
    if (!Number.isInteger(points?.length) || points.length % d !== 0) {
      throw new ShapeError(`SquaredBuilder.add: points has ${String(points?.length)} numbers; it must have ${d} for each row`);
    }
    const rows = points.length / d;
    if (this.#rows + rows > MOST_ROWS)
      throw new TooManyRowsError(`SquaredBuilder.add: at most ${MOST_ROWS} rows can be summed exactly`, MOST_ROWS);
    this.#rows += rows;
    const total = squaresOf(bounds);
    for (let i = 0; i < rows; i++) {
      let square = 0;
      for (let j = 0; j < d; j++) {
        const r = rangeOf(bounds[j]!) / 2;
        const x = (points[i * d + j] as number) - middleOf(bounds[j]!);
        const inside = x > -r ? Math.min(x, r) : -r;
        square += inside * inside;
        // Whole numbers in [-ONE, ONE], whatever rounding does.
        sums[1 + j] = sums[1 + j]! + Math.max(-ONE, Math.min(ONE, Math.round((inside / r) * ONE)));
      }
      sums[0] = sums[0]! + Math.min(ONE, Math.round((square / total) * ONE));
    }
    return this;
  }

  /** Takes over the rows of another builder of the same options, exactly; the other is spent. */
  merge(other: SquaredBuilder): this {
    const sums = this.#live('merge');
    if (!(other instanceof SquaredBuilder) || other === this || JSON.stringify(other.#design) !== JSON.stringify(this.#design)) {
      throw new ArgumentError('SquaredBuilder.merge: other must be another builder of the same options', 'other');
    }
    const theirs = other.#live('merge');
    for (let k = 0; k < sums.length; k++) sums[k] = sums[k]! + theirs[k]!;
    this.#rows += other.#rows;
    other.#die();
    return this;
  }

  /** As `DistanceBuilder.release`. Budgets with delta or rho get Gaussian noise, others Laplace. */
  release(budget: PrivacyBudget, { share = 1, label = 'squared distance oracle' }: ReleaseOptions = {}): SquaredOracle {
    const sums = this.#live('release');
    if (!(budget instanceof PrivacyBudget)) throw new ArgumentError('release: budget must be a PrivacyBudget', 'budget');
    const grant = budget.grant(share);
    if (grant.parallel && this.#design.adjacency === 'replace')
      throw new ArgumentError('release: parallel composition needs the adjacency add-remove', 'budget');
    const laws = lawsOf(this.#design, grant);
    budget.debit(share, label);
    const pool = releaseBits();
    try {
      const sampler = new NoiseSampler(pool);
      const values = new Float64Array(laws.length);
      for (const [k, law] of laws.entries()) sampler.fill(values, k, k + 1, law);
      for (let k = 0; k < sums.length; k++) values[k] = values[k]! + sums[k]!;
      const secret = this.#design.adjacency === 'add-remove';
      if (secret) values[sums.length] = values[sums.length]! + this.#rows * ONE;
      const privacy = grant.rho === undefined ? { epsilon: grant.epsilon as number } : { rho: grant.rho };
      return new SquaredOracle({
        bounds: this.#design.bounds,
        laws,
        values,
        publicRows: secret ? undefined : this.#rows,
        privacy,
        secure: pool.secure,
      });
    } finally {
      pool.wipe();
      this.#die();
    }
  }

  #live(operation: string): Float64Array {
    if (this.#sums === undefined) throw new SpentBuilderError(`SquaredBuilder.${operation}: the builder has been released or merged`);
    return this.#sums;
  }

  #die(): void {
    if (this.#sums !== undefined) wipe(this.#sums);
    this.#sums = undefined;
    this.#rows = 0;
  }
}

/** Answers sum over the rows of |x - y|_2^2 for any y. Immutable; draws no randomness. */
export class SquaredOracle {
  readonly #release: SquaredRelease;

  constructor(release: SquaredRelease) {
    this.#release = release;
  }

  get privacy(): SquaredRelease['privacy'] {
    return this.#release.privacy;
  }

  /** False when the noise came from a seed. */
  get private(): boolean {
    return this.#release.secure;
  }

  /** A copy of all that was released. */
  get released(): SquaredRelease {
    return { ...this.#release, values: this.#release.values.slice() };
  }

  /** @throws ShapeError unless y has a number for each column; NonFiniteError when one is NaN or infinite. */
  query(y: ArrayLike<number>): SquaredAnswer {
    const { bounds, values, laws, publicRows } = this.#release;
    if (y?.length !== bounds.length)
      throw new ShapeError(`SquaredOracle.query: y has ${String(y?.length)} numbers; it must have ${bounds.length}`);
    const total = squaresOf(bounds);
    const weights = [total / ONE];
    let length = 0;
    let bias = total / (2 * ONE);
    for (const [j, pair] of bounds.entries()) {
      const from = (y[j] as number) - middleOf(pair);
      if (!Number.isFinite(from)) throw new NonFiniteError(`SquaredOracle.query: y[${j}] is ${String(y[j])}; it must be finite`, 'y', [j]);
      length += from * from;
      weights.push((-2 * from * rangeOf(pair)) / 2 / ONE);
      bias += Math.abs(from) * (rangeOf(pair) / 2 / ONE);
    }
    if (publicRows === undefined) weights.push(length / ONE);
    const value = weights.reduce((sum, weight, k) => sum + weight * values[k]!, (publicRows ?? 0) * length);
    const terms: Term[] = weights.map((weight, k) => ({ weight, law: laws[k]! }));
    return {
      value,
      stddev: Math.sqrt(varianceOfTerms(terms)),
      biasPerRow: bias,
      ci(level = 0.95) {
        checkRange('SquaredAnswer.ci', 'level', level, 0.01, 1 - 1e-9);
        const half = centralQuantile(terms, level);
        return [value - half, value + half];
      },
    };
  }
}

function middleOf([lower, upper]: readonly [number, number]): number {
  return lower + (upper - lower) / 2;
}

/** The largest square of a distance from the middle. */
function squaresOf(bounds: Design['bounds']): number {
  return bounds.reduce((sum, pair) => sum + (rangeOf(pair) / 2) ** 2, 0);
}

/** Shares in proportion to what a number's largest change weighs in the furthest corner; to the power 2/3 of it for Laplace noise. */
function lawsOf({ bounds, adjacency, rowsPerUser }: Design, { epsilon, rho }: Grant): Law[] {
  const total = squaresOf(bounds);
  const replaced = adjacency === 'replace';
  /** The largest change of each number in units of 1 / ONE, and how that moves the answer in the corner. */
  const changes = [ONE, ...bounds.map(() => (replaced ? 2 : 1) * ONE), ...(replaced ? [] : [ONE])].map((change) => change * rowsPerUser);
  const weights = [1, ...bounds.map((pair) => ((replaced ? 4 : 2) * (rangeOf(pair) / 2) ** 2) / total), ...(replaced ? [] : [1])];
  const parts = weights.map((weight) => (rho === undefined ? exp((2 / 3) * log(weight)) : weight));
  const sum = parts.reduce((a, b) => a + b, 0) / (1 - 2 ** -30);
  return changes.map((change, k) =>
    rho === undefined
      ? lawOf('laplace', (change * sum) / ((epsilon as number) * parts[k]!))
      : lawOf('gaussian', (change * change * sum) / (2 * rho * parts[k]!)),
  );
}
