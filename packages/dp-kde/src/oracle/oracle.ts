import { ArgumentError, NonFiniteError, ShapeError } from '@x/linalg/errors';
import { checkRange } from '../check.ts';
import { type Design, rangeOf } from '../design.ts';
import type { Block, Line, Term } from '../modes/mode.ts';
import { tableAt } from '../modes/table.ts';
import { simulateBand } from './band.ts';
import { decode, encode } from './bytes.ts';
import { centralQuantile, varianceOfTerms } from './interval.ts';
import { modeOf, type Plan } from './plan.ts';

/** Everything that a release made public, of one builder. */
export interface Release {
  readonly design: Design;
  readonly plan: Plan;
  /** Released numbers that belong to no column, and those of each column: whole numbers. */
  readonly shared: Float64Array;
  readonly columns: readonly Float64Array[];
  /** The number of rows, where it is public. */
  readonly publicRows: number | undefined;
  readonly privacy: { readonly epsilon?: number; readonly rho?: number };
  readonly delta: number | undefined;
  /** False when the noise came from a seed: such a release protects nobody. */
  readonly secure: boolean;
}

/** An answer: the noise is unbiased, and `value - F` without it lies in [-bias[0], bias[1]]. */
export interface Answer {
  readonly value: number;
  /** Of the noise, exactly. */
  readonly stddev: number;
  /**
   * How far rounding, cells and the mechanism may move the noise-free answer: it is at most `bias[1]` above, and the true sum of the clamped
   * rows at most `factor` times the noise-free answer plus `bias[0]`. Reckoned with the oracle's number of rows.
   */
  readonly bias: readonly [below: number, above: number];
  readonly factor: number;
  /** The interval that holds the noise-free answer with this probability; default 0.95. */
  ci(level?: number): [low: number, high: number];
}

interface Part {
  readonly release: Release;
  readonly lines: readonly Line[];
  /** Distance for one unit of a position. */
  readonly units: Float64Array;
  readonly rows: number;
  readonly rowTerms: readonly Term[];
}

/**
 * Answers sum over the rows of |x - y|_1, for any y and as often as you like: all of it is computed from what was released once.
 * Immutable; a query draws no randomness.
 */
export class DistanceOracle {
  readonly design: Design;
  readonly #parts: readonly Part[];
  /** Tables of all columns, one after the other, where every part has them: sums of the parts, in units of distance. */
  readonly #tables: readonly Float64Array[] | undefined;
  readonly #bands = new Map<number, number>();

  private constructor(releases: readonly Release[]) {
    this.design = releases[0]!.design;
    this.#parts = releases.map(partOf);
    this.#tables = tablesOf(this.#parts);
  }

  /** For the builder: an oracle of releases of one design. */
  static of(releases: readonly Release[]): DistanceOracle {
    return new DistanceOracle(releases);
  }

  /**
   * One oracle for the union of disjoint sets of rows: values add, and so do variances.
   *
   * Parallel composition holds only if no row, and no person, is in two of them; that cannot be checked here.
   *
   * @throws ArgumentError when there are none, or bounds, resolution or adjacency differ.
   */
  static combine(oracles: readonly DistanceOracle[]): DistanceOracle {
    const [first] = oracles;
    if (first === undefined) throw new ArgumentError('DistanceOracle.combine: oracles is empty; give one or more', 'oracles');
    for (const { design } of oracles) {
      if (JSON.stringify(design) !== JSON.stringify(first.design)) {
        throw new ArgumentError('DistanceOracle.combine: the oracles are of different designs', 'oracles');
      }
    }
    return new DistanceOracle(oracles.flatMap((oracle) => oracle.#parts.map(({ release }) => release)));
  }

  /** @throws BadFileError for anything that `toBytes` does not write. */
  static fromBytes(bytes: Uint8Array): DistanceOracle {
    return new DistanceOracle(decode(bytes));
  }

  /** The oracle in a form whose length depends on design and mechanism alone. */
  toBytes(): Uint8Array {
    return encode(this.#parts.map(({ release }) => release));
  }

  /** All that was released, number by number, as copies. */
  get releases(): Release[] {
    return this.#parts.map(({ release }) => ({
      ...release,
      shared: release.shared.slice(),
      columns: release.columns.map((values) => values.slice()),
    }));
  }

  /** What each part promises, and by which mechanism. */
  get privacy(): readonly (Release['privacy'] & { delta: number | undefined; mechanism: string; noise: string; secure: boolean })[] {
    return this.#parts.map(({ release: { privacy, delta, plan, secure } }) => ({
      ...privacy,
      delta,
      mechanism: plan.mechanism,
      noise: plan.noise,
      secure,
    }));
  }

  /** False when any noise came from a seed: then nothing is private. */
  get private(): boolean {
    return this.#parts.every(({ release }) => release.secure);
  }

  /** The number of rows: exact where it is public (stddev 0), else estimated. */
  get rows(): { readonly value: number; readonly stddev: number } {
    const variance = this.#parts.reduce((sum, { rowTerms }) => sum + varianceOfTerms(rowTerms), 0);
    return { value: this.#parts.reduce((sum, { rows }) => sum + rows, 0), stddev: Math.sqrt(variance) };
  }

  /**
   * The sum of distances from y to all rows, clamped to the bounds. Outside the bounds it goes on linearly.
   *
   * @throws ShapeError unless y has a number for each column; NonFiniteError when one is NaN or infinite.
   * Cost: O(columns) for tables, and for tree modes as their papers say; the same time for any released numbers.
   */
  query(y: ArrayLike<number>): Answer {
    checkPoint('DistanceOracle.query', y, this.design.bounds.length);
    return this.#answer(this.#value(y, 0), y);
  }

  /** The mean distance: NaN where the number of rows is not estimated to be positive. */
  mean(y: ArrayLike<number>): number {
    const rows = this.rows.value;
    return rows > 0 ? this.query(y).value / rows : Number.NaN;
  }

  /**
   * The values for many points, equal to those of `query`.
   *
   * @param Y - points * columns numbers, row by row.
   * @throws ShapeError when they are no whole number of points, or `out` has another length; NonFiniteError.
   * Cost: about 5 ns a number for tables.
   */
  queryBatch(Y: Float64Array, out: Float64Array = new Float64Array(Math.floor(Y.length / this.design.bounds.length))): Float64Array {
    const d = this.design.bounds.length;
    if (!(Y instanceof Float64Array) || Y.length % d !== 0)
      throw new ShapeError(`DistanceOracle.queryBatch: Y must be a Float64Array with ${d} numbers for each point`);
    const points = Y.length / d;
    if (out.length !== points) throw new ShapeError(`DistanceOracle.queryBatch: out has ${out.length} numbers; it must have ${points}`);
    checkFinite('DistanceOracle.queryBatch', 'Y', Y);
    if (this.#tables === undefined) for (let i = 0; i < points; i++) out[i] = this.#value(Y, i * d);
    else this.#lookUp(this.#tables, Y, out);
    return out;
  }

  /**
   * The width that all answers, whatever y inside the bounds, hold at once: with this probability no noise exceeds it. Simulated from the
   * laws of the noise, with 4000 paths a part and a fixed seed.
   */
  band(level: number = 0.95): number {
    checkRange('DistanceOracle.band', 'level', level, 0.01, 0.999);
    const known = this.#bands.get(level);
    if (known !== undefined) return known;
    const band = simulateBand(
      this.#parts.map(({ release }) => release),
      level,
    );
    this.#bands.set(level, band);
    return band;
  }

  #answer(value: number, y: ArrayLike<number>): Answer {
    const terms = this.#parts.flatMap((part) => termsAt(part, y));
    let below = 0;
    let above = 0;
    let factor = 1;
    for (const { lines, units, rows } of this.#parts) {
      for (const [j, line] of lines.entries()) {
        const [down, up] = line.bias(positionIn(this.design, j, y[j] as number));
        // Half a unit is the rounding of a row's position.
        below += Math.max(0, rows) * (down + 0.5) * units[j]!;
        above += Math.max(0, rows) * (up + 0.5) * units[j]!;
        factor = Math.max(factor, line.factor);
      }
    }
    return {
      value,
      stddev: Math.sqrt(varianceOfTerms(terms)),
      bias: [below, above],
      factor,
      ci(level = 0.95) {
        checkRange('Answer.ci', 'level', level, 0.01, 1 - 1e-9);
        const half = centralQuantile(terms, level);
        return [value - half, value + half];
      },
    };
  }

  #value(Y: ArrayLike<number>, start: number): number {
    const { bounds, cells } = this.design;
    let sum = 0;
    if (this.#tables !== undefined) {
      for (let j = 0; j < bounds.length; j++) sum += tableAt(this.#tables[j]!, cells, cellIn(this.design, j, Y[start + j] as number));
      return sum;
    }
    for (const { lines, units } of this.#parts) {
      for (let j = 0; j < bounds.length; j++) sum += units[j]! * lines[j]!.at(positionIn(this.design, j, Y[start + j] as number));
    }
    return sum;
  }

  #lookUp(tables: readonly Float64Array[], Y: Float64Array, out: Float64Array): void {
    const { bounds, cells } = this.design;
    const d = bounds.length;
    const lower = Float64Array.from(bounds, ([low]) => low);
    const scale = Float64Array.from(bounds, (pair) => cells / rangeOf(pair));
    out.fill(0);
    for (let first = 0; first < out.length; first += POINTS) {
      const end = Math.min(out.length, first + POINTS);
      for (let j = 0; j < d; j++) addLookUps(tables[j]!, cells, lower[j]!, scale[j]!, Y, j, d, out, first, end);
    }
  }
}

/** Points that are looked up in one column after the other: their lines of Y stay in a cache until the neighbouring columns use them. */
const POINTS = 512;

/** The inner loop of `queryBatch`: as `tableAt`, for the points first ... end. */
function addLookUps(
  table: Float64Array,
  cells: number,
  lower: number,
  scale: number,
  Y: Float64Array,
  column: number,
  stride: number,
  out: Float64Array,
  first: number,
  end: number,
): void {
  const last = cells + 1;
  for (let i = first, p = first * stride + column; i < end; i++, p += stride) {
    const from = ((Y[p] as number) - lower) * scale + 1;
    const k = Math.min(Math.max(from, 0), last) | 0;
    const low = table[k] as number;
    out[i] = (out[i] as number) + (low + (from - k) * ((table[k + 1] as number) - low));
  }
}

function cellIn({ bounds, cells }: Design, j: number, y: number): number {
  const [lower, upper] = bounds[j]!;
  return (y - lower) * (cells / (upper - lower));
}

function positionIn(design: Design, j: number, y: number): number {
  return cellIn(design, j, y) * design.one;
}

function partOf(release: Release): Part {
  const { design, plan, shared, columns, publicRows } = release;
  const mode = modeOf(plan.mechanism, plan.alpha);
  const most = design.cells * design.one;
  const units = Float64Array.from(design.bounds, (bounds) => rangeOf(bounds) / most);
  const rowTerms = publicRows === undefined ? rowTermsOf(release) : [];
  const rows = publicRows ?? rowsOf(release);
  const lines = columns.map((values, j) => mode.line(values, plan.columns[j]!, design, shared.length > 0 ? rows : (publicRows ?? 0)));
  return { release, lines, units, rows, rowTerms };
}

/** Estimates of the number of rows: one number, or one of each column that are averaged by their precision. */
function estimatesOf({ plan, shared, columns, design }: Release): { value: number; blocks: readonly (readonly [number, Block])[] }[] {
  const { cells, one } = design;
  if (shared.length > 0) return [{ value: shared[0]! / one, blocks: [[1 / one, plan.shared[0]!]] }];
  return columns.map((values, j) => {
    const [block] = plan.columns[j]!;
    if (plan.mechanism !== 'midpoint') return { value: values[0]! / one, blocks: [[1 / one, block!]] as const };
    const weight = 1 / (cells * one);
    return {
      value: (values[0]! + values[1]!) * weight,
      blocks: [
        [weight, block!],
        [weight, block!],
      ] as const,
    };
  });
}

function precisions(release: Release): { value: number; weight: number; terms: Term[] }[] {
  const all = estimatesOf(release).map(({ value, blocks }) => {
    const terms = blocks.map(([weight, { law }]) => ({ weight, law }));
    return { value, terms, weight: 1 / varianceOfTerms(terms) };
  });
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  return all.map(({ weight, ...rest }) => ({ ...rest, weight: weight / total }));
}

function rowsOf(release: Release): number {
  return precisions(release).reduce((sum, { value, weight }) => sum + value * weight, 0);
}

function rowTermsOf(release: Release): Term[] {
  return precisions(release).flatMap(({ weight, terms }) => terms.map((term) => ({ ...term, weight: weight * term.weight })));
}

/** The noise in a part's answer at y, in units of distance. */
function termsAt({ release: { design, plan }, lines, units }: Part, y: ArrayLike<number>): Term[] {
  const terms: Term[] = [];
  let lever = 0;
  for (const [j, line] of lines.entries()) {
    const u = positionIn(design, j, y[j] as number);
    for (const term of line.terms(u)) terms.push({ ...term, weight: term.weight * units[j]! });
    const most = design.cells * design.one;
    lever += (most / 2 + Math.max(0, -u, u - most)) * units[j]!;
  }
  if (plan.shared.length > 0) terms.push({ weight: lever / design.one, law: plan.shared[0]!.law });
  return terms;
}

/** Tables in units of distance, summed over parts; undefined where a part has none. */
function tablesOf(parts: readonly Part[]): Float64Array[] | undefined {
  if (!parts.every(({ lines }) => lines.every(({ table }) => table !== undefined))) return undefined;
  return parts[0]!.lines.map((_, j) => {
    const sum = new Float64Array(parts[0]!.lines[j]!.table!.length);
    for (const { lines, units } of parts) for (let k = 0; k < sum.length; k++) sum[k] = sum[k]! + units[j]! * lines[j]!.table![k]!;
    return sum;
  });
}

function checkPoint(operation: string, y: ArrayLike<number>, d: number): void {
  if (typeof y !== 'object' || y === null || y.length !== d)
    throw new ShapeError(`${operation}: y has ${String(y?.length)} numbers; it must have ${d}, one for each column`);
  checkFinite(operation, 'y', y);
}

function checkFinite(operation: string, name: string, y: ArrayLike<number>): void {
  // x - x is 0 for finite numbers alone; four sums run side by side.
  let [a, b, c, d, i] = [0, 0, 0, 0, 0];
  if (y instanceof Float64Array) {
    for (; i + 3 < y.length; i += 4) {
      a += y[i]! - y[i]!;
      b += y[i + 1]! - y[i + 1]!;
      c += y[i + 2]! - y[i + 2]!;
      d += y[i + 3]! - y[i + 3]!;
    }
    if (a + b + c + d !== 0) i = 0;
  }
  for (; i < y.length; i++) {
    const value = y[i] as number;
    if (!(typeof value === 'number' && value - value === 0)) {
      throw new NonFiniteError(`${operation}: ${name}[${i}] is ${String(value)}; every entry must be finite`, name, [i]);
    }
  }
}
