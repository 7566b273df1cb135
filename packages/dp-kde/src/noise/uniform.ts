/**
 * A uniform number U in [0, 1) of which more bits are drawn as they are needed, to compare it with exp(-p / q) without any error.
 *
 * What is known of U is never drawn again: a decision that the first bits leave open is made by further bits of the same number, so that
 * the law is exact. Drawing a fresh U in such cases would change it.
 */
export class ExtendedUniform {
  readonly #word: () => number;
  /** U lies in [value, value + 1) 2^-bits. */
  #value: bigint;
  #bits = 32n;

  /** @param first - the first 32 bits. */
  constructor(first: number, word: () => number) {
    this.#value = BigInt(first);
    this.#word = word;
  }

  /** Whether U < exp(-p / q), p >= 0, q > 0. Ends with probability 1; each further word leaves it open with probability 2^-32. */
  below(p: bigint, q: bigint): boolean {
    if (p === 0n) return true;
    for (;;) {
      const { low, high } = expEnclosure(p, q, this.#bits);
      if (this.#value + 1n <= low) return true;
      if (this.#value >= high) return false;
      this.#value = (this.#value << 32n) | BigInt(this.#word());
      this.#bits += 32n;
    }
  }
}

const GUARD = 64n;

/**
 * Whole numbers with low <= 2^bits exp(-p / q) <= high, at most 1 apart for p / q < 2^40. The argument is halved until it is below 1/2,
 * the series summed, and the result squared as often; every rounding is outward.
 */
export function expEnclosure(p: bigint, q: bigint, bits: bigint): { readonly low: bigint; readonly high: bigint } {
  let halvings = 0n;
  while (2n * p >= q << halvings) halvings++;
  const places = bits + GUARD + halvings;
  const one = 1n << places;
  const z = (p << places) / (q << halvings);
  let sum = one;
  let term = one;
  let k = 0n;
  while (term !== 0n) {
    k++;
    term = (term * z) / (k * one);
    sum += k % 2n === 0n ? term : -term;
  }
  // z errs by less than 1 unit, each term by less than 2 (its predecessor's error is at least halved), and less than 1 is left out.
  const error = 2n * k + 4n;
  let low = sum - error;
  let high = sum + error;
  for (let h = 0n; h < halvings; h++) {
    low = (low * low) >> places;
    high = ((high * high) >> places) + 1n;
  }
  const drop = places - bits;
  return { low: low >> drop, high: (high >> drop) + 1n };
}
