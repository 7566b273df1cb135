import { exp } from '@x/linalg';
import type { Law } from './law.ts';
import type { BitPool } from './source.ts';
import { ExtendedUniform } from './uniform.ts';

/**
 * exp(-gamma) in floating point errs relatively by less than 2^-51 (1 + gamma): 0.85 units in the last place of our own exp, and four
 * roundings in gamma. Comparisons nearer than (gamma + 4) 2^-49 are left to exact arithmetic.
 */
const MARGIN = 2 ** -49;
const UNIT = 2 ** -32;

/** exp(-k), k = 0, 1, ..., until no 32 bits tell it from 0. */
const POWERS: Float64Array = Float64Array.from({ length: 24 }, (_, k) => exp(-k));

/**
 * Discrete Laplace and discrete Gaussian numbers, exactly by their laws: rejection with Bernoulli(exp(-p / q)) trials, of which each is
 * decided in floating point where the first 32 bits of its uniform number leave no doubt, and else by more bits of the same number and
 * whole-number arithmetic.
 *
 * Source: Canonne, Kamath, Steinke 2020, arXiv 2004.00010, algorithms 1 to 3.
 */
export class NoiseSampler {
  readonly #pool: BitPool;
  readonly #margin: number;
  readonly #extend: (word: number) => ExtendedUniform;
  #bits = 0;
  #left = 0;
  /** Trials that floating point left open. */
  undecided = 0;

  /**
   * @param margin - for tests: a larger one leaves more to exact arithmetic, with the same outcome.
   * @param extend - for tests: the number that a word begins, where it has to be known further; default by more bits of the pool.
   */
  constructor(
    pool: BitPool,
    margin: number = MARGIN,
    extend = (word: number): ExtendedUniform => new ExtendedUniform(word, () => pool.u32()),
  ) {
    this.#pool = pool;
    this.#margin = margin;
    this.#extend = extend;
  }

  /** Fills out[start, end) with independent numbers of one law. */
  fill(out: Float64Array, start: number, end: number, { kind, parameter }: Law): void {
    if (kind === 'laplace') for (let i = start; i < end; i++) out[i] = this.laplace(parameter);
    else for (let i = start; i < end; i++) out[i] = this.gaussian(parameter);
  }

  /** P(Y = y) proportional to exp(-|y| / scale). `scale` is a whole number in [1, 2^45]. */
  laplace(scale: number): number {
    for (;;) {
      const u = this.#below(scale);
      if (!this.#accepts(u / scale, u, scale)) continue;
      const magnitude = u + scale * this.#geometric();
      if (this.#bit() === 0) return magnitude;
      // Zero has one sign only.
      if (magnitude !== 0) return -magnitude;
    }
  }

  /** P(Y = y) proportional to exp(-y^2 / (2 sigma2)). `sigma2` is a whole number in [1, 2^90], exact as a double. */
  gaussian(sigma2: number): number {
    // Any scale of the proposal is right; the power of two next to sigma is a fast one, and makes sigma2 / scale exact.
    const scale = 2 ** Math.round(Math.log2(sigma2) / 2);
    const centre = sigma2 / scale;
    for (;;) {
      const y = this.laplace(scale);
      const a = Math.abs(y) - centre;
      const gamma = (a * a) / (2 * sigma2);
      const word = this.#pool.u32();
      const decided = this.#decide(word, exp(-gamma), gamma);
      if (decided === undefined ? this.#acceptsExactly(word, y, scale, sigma2) : decided) return y;
    }
  }

  #acceptsExactly(word: number, y: number, scale: number, sigma2: number): boolean {
    const [t, s] = [BigInt(scale), BigInt(sigma2)];
    const a = BigInt(Math.abs(y)) * t - s;
    return this.#open(word).below(a * a, 2n * s * t * t);
  }

  /** Bernoulli(exp(-gamma)), gamma = p / q rounded. */
  #accepts(gamma: number, p: number, q: number): boolean {
    const word = this.#pool.u32();
    return this.#decide(word, exp(-gamma), gamma) ?? this.#open(word).below(BigInt(p), BigInt(q));
  }

  /** Whether a number that begins with this word is below a power exp(-gamma) known to the margin, if that can be told. */
  #decide(word: number, power: number, gamma: number): boolean | undefined {
    const error = power * (gamma + 4) * this.#margin;
    if ((word + 1) * UNIT <= power - error) return true;
    return word * UNIT >= power + error ? false : undefined;
  }

  /** P(V >= v) = exp(-v): the largest v for which one uniform number lies below exp(-v). */
  #geometric(): number {
    const word = this.#pool.u32();
    for (let v = 0; ; v++) {
      const below = v + 1 < POWERS.length ? this.#decide(word, POWERS[v + 1] as number, v + 1) : undefined;
      if (below === true) continue;
      if (below === false) return v;
      const uniform = this.#open(word);
      while (uniform.below(BigInt(v + 1), 1n)) v++;
      return v;
    }
  }

  #open(word: number): ExtendedUniform {
    this.undecided++;
    return this.#extend(word);
  }

  /** Uniform on the whole numbers in [0, bound), by rejection among those of as many bits. */
  #below(bound: number): number {
    if (bound <= 0x1_0000_0000) {
      const shift = Math.clz32(bound - 1);
      if (bound === 1) return 0;
      for (;;) {
        const u = this.#pool.u32() >>> shift;
        if (u < bound) return u;
      }
    }
    const shift = Math.clz32((bound - 1) / 0x1_0000_0000);
    for (;;) {
      const u = (this.#pool.u32() >>> shift) * 0x1_0000_0000 + this.#pool.u32();
      if (u < bound) return u;
    }
  }

  #bit(): number {
    if (this.#left === 0) {
      this.#bits = this.#pool.u32();
      this.#left = 32;
    }
    const bit = this.#bits & 1;
    this.#bits >>>= 1;
    this.#left--;
    return bit;
  }
}
