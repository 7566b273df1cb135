import { ArgumentError, ShapeError } from '@x/linalg/errors';
import { PrivacyBudget } from '../budget/budget.ts';
import { checkChoice, checkRange } from '../check.ts';
import { type Design, designOf } from '../design.ts';
import { SpentBuilderError, TooManyRowsError } from '../errors.ts';
import { wipe } from '../features/histogram.ts';
import { lawOf } from '../modes/scale.ts';
import { type Law, varianceOf } from '../noise/law.ts';
import { NoiseSampler } from '../noise/sampler.ts';
import { releaseBits } from '../oracle/bits.ts';
import type { ReleaseOptions } from '../oracle/builder.ts';
import { absoluteNorm, featureWriter, type Lattice, latticeOf, ONE } from './lattice.ts';
import { KernelOracle } from './oracle.ts';

export interface KernelOptions extends Pick<Design, 'bounds'> {
  /** exp(-|x - y|^2 / (2 bandwidth^2)). Choose it without looking at the data. */
  readonly bandwidth: number;
  readonly adjacency?: Design['adjacency'];
  readonly rowsPerUser?: number;
  /** Step of the lattice over the bandwidth, in [0.3, 1]. Default 0.6: the kernel is right to 2.3e-6 for each dimension. */
  readonly step?: number;
  /** Default `auto`: the smaller deviation that the budget allows. */
  readonly noise?: 'auto' | 'gaussian' | 'laplace';
}

const MOST_ROWS = 2 ** 32;
const MOST_POINTS = 2 ** 26;

/**
 * Collects rows for sums of Gaussian kernels over up to three columns, in the memory of one lattice. Rows are clamped to the bounds.
 *
 * Every row's features are whole numbers whose squared length and sum are checked, exactly, against the sensitivity that the noise is made
 * for, and scaled down where they exceed it: nothing that floating point does can break privacy.
 */
export class KernelBuilder {
  readonly lattice: Lattice;
  readonly #design: Design;
  readonly #noise: 'auto' | 'gaussian' | 'laplace';
  readonly #most: { readonly sum: number; readonly square: number };
  #sums: Float64Array | undefined;
  #rows = 0;

  /** @throws ArgumentError naming the option that is wrong, or when the lattice would have more than 2^26 points. */
  constructor(options: KernelOptions) {
    const operation = 'KernelBuilder';
    const { bandwidth, step = 0.6, noise = 'auto', bounds, adjacency = 'add-remove', rowsPerUser = 1 } = options ?? {};
    this.#design = designOf(operation, { bounds, adjacency, rowsPerUser });
    if (bounds.length > 3) throw new ArgumentError(`${operation}: there are ${bounds.length} columns; a lattice has at most 3`, 'bounds');
    checkRange(operation, 'bandwidth', bandwidth, 1e-300, 1e300);
    checkRange(operation, 'step', step, 0.3, 1);
    checkChoice(operation, 'noise', noise, ['auto', 'gaussian', 'laplace']);
    this.lattice = latticeOf(this.#design.bounds, bandwidth, step);
    if (!(this.lattice.length <= MOST_POINTS)) {
      throw new ArgumentError(
        `${operation}: the lattice would have ${this.lattice.length} points; at most ${MOST_POINTS} are allowed (a larger bandwidth)`,
        'bandwidth',
      );
    }
    this.#noise = noise;
    this.#most = { sum: Math.floor(absoluteNorm(this.lattice) * ONE), square: ONE * ONE };
    this.#sums = new Float64Array(this.lattice.length);
  }

  /**
   * Adds rows.
   *
   * @param points - rows * columns numbers, row by row; NaN counts as the lower bound.
   * @throws ShapeError, TooManyRowsError, SpentBuilderError; nothing has been added then.
   * Cost: (7 / step)^columns additions a row.
   */
  add(points: ArrayLike<number>): this {
    const sums = this.#live('add');
    const bounds = this.#design.bounds;
    const d = bounds.length;
    if (!Number.isInteger(points?.length) || points.length % d !== 0)
      throw new ShapeError(`KernelBuilder.add: points has ${String(points?.length)} numbers; it must have ${d} for each row`);
    const rows = points.length / d;
    if (this.#rows + rows > MOST_ROWS)
      throw new TooManyRowsError(`KernelBuilder.add: at most ${MOST_ROWS} rows can be summed exactly`, MOST_ROWS);
    this.#rows += rows;
    const write = featureWriter(this.lattice);
    const row = new Float64Array(d);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < d; j++) {
        const [lower, upper] = bounds[j]!;
        const x = points[i * d + j] as number;
        row[j] = x > lower ? Math.min(x, upper) : lower;
      }
      const { count, index, value } = write(row, 0);
      quantize(value, count, this.#most);
      for (let k = 0; k < count; k++) sums[index[k]!] = sums[index[k]!]! + value[k]!;
    }
    return this;
  }

  /** Takes over the rows of another builder of the same options, exactly; the other is spent. */
  merge(other: KernelBuilder): this {
    const sums = this.#live('merge');
    if (
      !(other instanceof KernelBuilder) ||
      other === this ||
      JSON.stringify([other.lattice, other.#design]) !== JSON.stringify([this.lattice, this.#design])
    ) {
      throw new ArgumentError('KernelBuilder.merge: other must be another builder of the same options', 'other');
    }
    const theirs = other.#live('merge');
    for (let t = 0; t < sums.length; t++) sums[t] = sums[t]! + theirs[t]!;
    this.#rows += other.#rows;
    other.#die();
    return this;
  }

  /** As `DistanceBuilder.release`: decide, debit, draw all noise, and only then look at the sums. */
  release(budget: PrivacyBudget, { share = 1, label = 'kernel oracle' }: ReleaseOptions = {}): KernelOracle {
    const sums = this.#live('release');
    if (!(budget instanceof PrivacyBudget)) throw new ArgumentError('release: budget must be a PrivacyBudget', 'budget');
    const grant = budget.grant(share);
    const { adjacency, rowsPerUser } = this.#design;
    if (grant.parallel && adjacency === 'replace')
      throw new ArgumentError('release: parallel composition needs the adjacency add-remove', 'budget');
    // Features are not negative: a difference of two rows has at most both sums, and at most both squared lengths.
    const twice = adjacency === 'replace' ? 2 : 1;
    const laws: Law[] = [];
    if (grant.rho !== undefined && this.#noise !== 'laplace')
      laws.push(lawOf('gaussian', (twice * this.#most.square * rowsPerUser ** 2) / (2 * grant.rho)));
    if (grant.epsilon !== undefined && this.#noise !== 'gaussian')
      laws.push(lawOf('laplace', (twice * this.#most.sum * rowsPerUser) / grant.epsilon));
    if (laws.length === 0) throw new ArgumentError('release: a purely epsilon-private budget does not allow Gaussian noise', 'budget');
    const law = laws.reduce((best, one) => (varianceOf(one) < varianceOf(best) ? one : best));
    budget.debit(share, label);
    const pool = releaseBits();
    try {
      const values = new Float64Array(sums.length);
      new NoiseSampler(pool).fill(values, 0, values.length, law);
      for (let t = 0; t < values.length; t++) values[t] = values[t]! + sums[t]!;
      const privacy = law.kind === 'laplace' ? { epsilon: grant.epsilon as number } : { rho: grant.rho as number };
      return new KernelOracle({
        lattice: this.lattice,
        law,
        values,
        privacy,
        delta: budget.delta,
        adjacency,
        rowsPerUser,
        secure: pool.secure,
      });
    } finally {
      pool.wipe();
      this.#die();
    }
  }

  #live(operation: string): Float64Array {
    if (this.#sums === undefined) throw new SpentBuilderError(`KernelBuilder.${operation}: the builder has been released or merged`);
    return this.#sums;
  }

  #die(): void {
    if (this.#sums !== undefined) wipe(this.#sums);
    this.#sums = undefined;
    this.#rows = 0;
  }
}

/** Rounds features to whole numbers towards 0, and scales them down until their sum and squared length are within the bounds, exactly. */
export function quantize(value: Float64Array, count: number, most: { readonly sum: number; readonly square: number }): void {
  for (let scale = ONE, shrink = 1; ; shrink *= 1 - 2 ** -20) {
    let sum = 0;
    let square = 0;
    for (let k = 0; k < count; k++) {
      value[k] = Math.floor(value[k]! * scale);
      sum += value[k]!;
      square += value[k]! * value[k]!;
    }
    // Whole numbers below 2^53, so exact: lengths are about 1, that is 2^40 when squared.
    if (sum <= most.sum && square <= most.square) return;
    scale = shrink * Math.min(1, most.sum / sum, Math.sqrt(most.square / square));
  }
}
