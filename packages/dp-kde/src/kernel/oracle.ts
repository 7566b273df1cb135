import { exp } from '@x/linalg';
import { NonFiniteError, ShapeError } from '@x/linalg/errors';
import { checkRange } from '../check.ts';
import type { Design } from '../design.ts';
import type { Term } from '../modes/mode.ts';
import { type Law, varianceOf } from '../noise/law.ts';
import { centralQuantile } from '../oracle/interval.ts';
import { decode, encode } from './bytes.ts';
import { featureWriter, type Lattice, ONE } from './lattice.ts';

/** Everything that a release made public. */
export interface KernelRelease extends Pick<Design, 'adjacency' | 'rowsPerUser'> {
  readonly lattice: Lattice;
  readonly law: Law;
  /** Whole numbers, in units of 2^-20. */
  readonly values: Float64Array;
  readonly privacy: { readonly epsilon?: number; readonly rho?: number };
  readonly delta: number | undefined;
  readonly secure: boolean;
}

export interface KernelAnswer {
  readonly value: number;
  /** Of the noise, exactly. */
  readonly stddev: number;
  /** For each row the noise-free answer is within this of the kernel; multiply by the number of rows. */
  readonly biasPerRow: number;
  ci(level?: number): [low: number, high: number];
}

/** Answers sum over the rows of exp(-|x - y|^2 / (2 h^2)), for any y in the box and as often as you like. Immutable; draws no randomness. */
export class KernelOracle {
  readonly design: { readonly bounds: Design['bounds'] };
  readonly #release: KernelRelease;

  constructor(release: KernelRelease) {
    this.#release = release;
    this.design = { bounds: release.lattice.bounds };
  }

  get privacy(): KernelRelease['privacy'] & { readonly delta: number | undefined; readonly noise: Law['kind'] } {
    const { privacy, delta, law } = this.#release;
    return { ...privacy, delta, noise: law.kind };
  }

  /** False when the noise came from a seed. */
  get private(): boolean {
    return this.#release.secure;
  }

  /** @throws BadFileError for anything that `toBytes` does not write. */
  static fromBytes(bytes: Uint8Array): KernelOracle {
    return new KernelOracle(decode(bytes));
  }

  /** The oracle in a form whose length depends on box, bandwidth and step alone. */
  toBytes(): Uint8Array {
    return encode(this.#release);
  }

  /** A copy of all that was released. */
  get released(): KernelRelease {
    return { ...this.#release, values: this.#release.values.slice() };
  }

  /**
   * @throws ShapeError unless y has a number for each column; NonFiniteError when one is NaN or infinite. Far outside the box answers are 0.
   * Cost: (7 / step)^columns.
   */
  query(y: ArrayLike<number>): KernelAnswer {
    const { lattice, law } = this.#release;
    checkPoints('KernelOracle.query', y, lattice.bounds.length, lattice.bounds.length);
    const { count, index, value } = featureWriter(lattice)(y, 0);
    const terms: Term[] = Array.from({ length: count }, (_, k) => ({ weight: value[k]! / ONE, law }));
    const squares = terms.reduce((sum, { weight }) => sum + weight * weight, 0);
    const h = lattice.bandwidth / lattice.step;
    const alias = 2 * lattice.bounds.length * exp((-Math.PI * Math.PI * h * h) / 2);
    return {
      value: this.#sum(index, value, count),
      stddev: Math.sqrt(varianceOf(law) * squares),
      // Rounding of count features, once or twice, against a vector of length 1; the lattice; what is cut off at 3.5 bandwidths.
      biasPerRow: (3 * Math.sqrt(count)) / ONE + 2 * alias + lattice.bounds.length * 4e-6,
      ci: (level = 0.95) => {
        checkRange('KernelAnswer.ci', 'level', level, 0.01, 1 - 1e-9);
        const half = centralQuantile(terms, level);
        const centre = this.#sum(index, value, count);
        return [centre - half, centre + half];
      },
    };
  }

  /**
   * The values of `query` for many points.
   *
   * @param Y - points * columns numbers, row by row.
   */
  queryBatch(Y: Float64Array): Float64Array {
    const { lattice } = this.#release;
    const d = lattice.bounds.length;
    checkPoints('KernelOracle.queryBatch', Y, undefined, d);
    const write = featureWriter(lattice);
    return Float64Array.from({ length: Y.length / d }, (_, i) => {
      const { count, index, value } = write(Y, i * d);
      return this.#sum(index, value, count);
    });
  }

  #sum(index: Int32Array, value: Float64Array, count: number): number {
    const { values } = this.#release;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += values[index[k]!]! * value[k]!;
    return sum / ONE;
  }
}

function checkPoints(operation: string, y: ArrayLike<number>, length: number | undefined, d: number): void {
  if (!Number.isInteger(y?.length) || (length === undefined ? y.length % d !== 0 : y.length !== length)) {
    throw new ShapeError(`${operation}: there are ${String(y?.length)} numbers; there must be ${d} for each point`);
  }
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i]))
      throw new NonFiniteError(`${operation}: number ${i} is ${String(y[i])}; every one must be finite`, 'y', [i]);
  }
}
