import { AbortedError, ArgumentError, ShapeError } from '@x/linalg/errors';
import { PrivacyBudget } from '../budget/budget.ts';
import { checkChoice, checkRange } from '../check.ts';
import { type Design, type DesignOptions, designOf, mostRows } from '../design.ts';
import { SpentBuilderError, TooManyRowsError } from '../errors.ts';
import { addColumn, addHistogram, emptyHistogram, type Histogram, wipe } from '../features/histogram.ts';
import { NoiseSampler } from '../noise/sampler.ts';
import { releaseBits } from './bits.ts';
import { DistanceOracle } from './oracle.ts';
import { lengthOf, MECHANISMS, type Mechanism, modeOf, planOf } from './plan.ts';
import { type Share, shareOut, sumOfShares } from './shares.ts';

export interface BuilderOptions extends DesignOptions {
  /** Default `auto`: midpoint or brownian, whichever has the smaller worst standard deviation for the budget. */
  readonly mechanism?: Mechanism | 'auto';
  /** Of tree-backurs, in [1e-3, 10]. Default 0.1. */
  readonly alpha?: number;
}

export interface StreamOptions {
  readonly signal?: AbortSignal;
  /** Hears how many rows have been added so far. */
  readonly onRows?: (rows: number) => void;
}

export interface ReleaseOptions {
  /** The share of the budget to spend, in (0, 1]. Default 1. */
  readonly share?: number;
  readonly label?: string;
}

/** Rows that are added to the columns one after the other, so that they stay in a cache. */
const BLOCK = 4096;

/**
 * Collects rows as exact whole-number sums (O(columns * resolution) memory, whatever the number of rows), and is released once.
 *
 * Values outside the bounds are clamped to them, and NaN to the lower one: to reject a row would tell something about it.
 */
export class DistanceBuilder {
  readonly design: Design;
  readonly #mechanism: Mechanism | 'auto';
  readonly #alpha: number;
  #histograms: Histogram[] | undefined;
  #rows = 0;

  /** @throws ArgumentError naming the option that is wrong. */
  constructor(options: BuilderOptions) {
    this.design = designOf('DistanceOracle.builder', options);
    const { mechanism = 'auto', alpha = 0.1 } = options;
    checkChoice('DistanceOracle.builder', 'mechanism', mechanism, ['auto', ...MECHANISMS]);
    checkRange('DistanceOracle.builder', 'alpha', alpha, 1e-3, 10);
    this.#mechanism = mechanism;
    this.#alpha = alpha;
    this.#histograms = this.design.bounds.map(() => emptyHistogram(this.design));
  }

  /**
   * Adds rows.
   *
   * @param points - rows * columns numbers, row by row.
   * @throws ShapeError when they are no whole number of rows; TooManyRowsError when sums might overflow; SpentBuilderError. Nothing has
   *   been added then.
   * Cost: about 5 ns a number.
   */
  add(points: ArrayLike<number>): this {
    const histograms = this.#live('add');
    const d = histograms.length;
    if (typeof points !== 'object' || points === null || !Number.isInteger(points.length) || points.length % d !== 0) {
      throw new ShapeError(`DistanceBuilder.add: points has ${String(points?.length)} numbers; it must have ${d} for each row`);
    }
    const rows = points.length / d;
    this.#count(rows);
    for (let start = 0; start < rows; start += BLOCK) {
      const count = Math.min(BLOCK, rows - start);
      for (let j = 0; j < d; j++) addColumn(histograms[j]!, points, start * d + j, d, count, this.design.bounds[j]!, this.design);
    }
    return this;
  }

  /**
   * Adds whole rows from an iterable of arrays as for `add`, one after the other.
   *
   * @throws AbortedError when the signal fires; the rows added until then stay, and `partial` is their number. Otherwise as `add`.
   */
  async addStream(
    chunks: AsyncIterable<ArrayLike<number>> | Iterable<ArrayLike<number>>,
    { signal, onRows }: StreamOptions = {},
  ): Promise<this> {
    for await (const chunk of chunks) {
      if (signal?.aborted) throw new AbortedError('DistanceBuilder.addStream: aborted; the rows added so far stay', this.#rows);
      this.add(chunk);
      onRows?.(this.#rows);
    }
    return this;
  }

  /**
   * Takes over the rows of another builder of the same design, exactly; the other is spent.
   *
   * @throws ArgumentError when the designs differ; TooManyRowsError; SpentBuilderError.
   */
  merge(other: DistanceBuilder): this {
    const histograms = this.#live('merge');
    if (!(other instanceof DistanceBuilder) || other === this || JSON.stringify(other.design) !== JSON.stringify(this.design)) {
      throw new ArgumentError('DistanceBuilder.merge: other must be another builder of the same design', 'other');
    }
    const theirs = other.#live('merge');
    this.#count(other.#rows);
    for (const [j, histogram] of histograms.entries()) addHistogram(histogram, theirs[j]!);
    other.#die();
    return this;
  }

  /**
   * Splits the sums into `parts` arrays of random 64-bit numbers that add up to them modulo 2^64; any parts - 1 of them are independent of
   * the data. The builder is spent.
   */
  exportShares(parts: number): Share[] {
    const histograms = this.#live('exportShares');
    const shares = shareOut(histograms, this.#rows, parts, releaseBits());
    this.#die();
    return shares;
  }

  /**
   * Adds what complete shares stand for. Shares of several builders may have been added up before, part by part (`addShares`).
   *
   * @throws ArgumentError when they are not of this design, or incomplete as far as that can be seen; TooManyRowsError.
   */
  addFromShares(shares: readonly Share[]): this {
    const histograms = this.#live('addFromShares');
    const sum = sumOfShares(shares, this.design);
    this.#count(sum.rows);
    for (const [j, histogram] of histograms.entries()) addHistogram(histogram, sum.histograms[j]!);
    for (const { counts, fractions } of sum.histograms) wipe(counts, fractions);
    return this;
  }

  /**
   * Spends a share of the budget and makes the oracle. The order is: decide on the noise, debit, draw all noise, and only then look at the
   * sums. The builder is spent and wiped, also if this throws after the debit.
   *
   * @throws ArgumentError when the mechanism does not fit the budget; BudgetExceededError; SpentBuilderError. The builder stays usable.
   * Cost: columns * resolution samples at about 0.3 us.
   */
  release(budget: PrivacyBudget, { share = 1, label = 'distance oracle' }: ReleaseOptions = {}): DistanceOracle {
    const histograms = this.#live('release');
    const { design } = this;
    if (!(budget instanceof PrivacyBudget)) throw new ArgumentError('release: budget must be a PrivacyBudget', 'budget');
    const grant = budget.grant(share);
    if (grant.parallel && design.adjacency === 'replace') {
      throw new ArgumentError(
        'release: parallel composition needs the adjacency add-remove, since a replaced row may change its part',
        'budget',
      );
    }
    const plan = planOf(design, this.#mechanism, this.#alpha, grant);
    budget.debit(share, label);
    const pool = releaseBits();
    try {
      const sampler = new NoiseSampler(pool);
      const draw = (blocks: typeof plan.shared): Float64Array => {
        const out = new Float64Array(lengthOf(blocks));
        let start = 0;
        for (const { length, law } of blocks) {
          sampler.fill(out, start, start + length, law);
          start += length;
        }
        return out;
      };
      const shared = draw(plan.shared);
      const columns = plan.columns.map(draw);
      const mode = modeOf(plan.mechanism, plan.alpha);
      if (shared.length > 0) shared[0] = (shared[0] as number) + this.#rows * design.one;
      for (const [j, out] of columns.entries()) mode.addFeatures(out, histograms[j]!, this.#rows, design);
      const publicRows = design.adjacency === 'replace' ? this.#rows : undefined;
      const privacy = plan.noise === 'laplace' ? { epsilon: grant.epsilon as number } : { rho: grant.rho as number };
      return DistanceOracle.of([{ design, plan, shared, columns, publicRows, privacy, secure: pool.secure, delta: budget.delta }]);
    } finally {
      pool.wipe();
      this.#die();
    }
  }

  #live(operation: string): Histogram[] {
    if (this.#histograms === undefined)
      throw new SpentBuilderError(`DistanceBuilder.${operation}: the builder has been released or merged`);
    return this.#histograms;
  }

  #count(rows: number): void {
    const most = mostRows(this.design);
    if (this.#rows + rows > most) {
      throw new TooManyRowsError(
        `DistanceBuilder: at this resolution at most ${most} rows can be summed exactly (fewer cells or fraction bits allow more)`,
        most,
      );
    }
    this.#rows += rows;
  }

  #die(): void {
    for (const { counts, fractions } of this.#histograms ?? []) wipe(counts, fractions);
    this.#histograms = undefined;
    this.#rows = 0;
  }
}
