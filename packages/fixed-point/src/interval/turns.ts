/**
 * Where a polynomial changes its sign, exactly: on whole numbers, since every finite number is one times a power of two. Roots are counted by
 * Descartes' rule of signs on halved intervals (Vincent, Collins and Akritas), so that coefficients which cancel, as Chebyshev's do, cost nothing.
 */

/** sum c_i x^i 2^exponent. */
export interface ExactPolynomial {
  readonly c: readonly bigint[];
  readonly exponent: number;
}

/** The polynomial with exactly these coefficients, which are finite. */
export function exactOf(a: ArrayLike<number>): ExactPolynomial {
  const view = new DataView(new ArrayBuffer(8));
  const parts = Array.from(a, (v) => {
    view.setFloat64(0, v);
    const bits = view.getBigUint64(0);
    const exponent = Number((bits >> 52n) & 0x7ffn);
    const m = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
    return { m: v < 0 ? -m : m, e: Math.max(exponent, 1) - 1075 };
  }).map((part) => (part.m === 0n ? { m: 0n, e: 0 } : part));
  const exponent = parts.reduce((least, { m, e }) => (m === 0n ? least : Math.min(least, e)), 1000);
  return { c: parts.map(({ m, e }) => (m === 0n ? 0n : m << BigInt(e - exponent))), exponent };
}

export function derivativeOf({ c, exponent }: ExactPolynomial): ExactPolynomial {
  return { c: c.length < 2 ? [0n] : c.slice(1).map((v, i) => BigInt(i + 1) * v), exponent };
}

/** x p'(x). */
export function timesDerivativeOf({ c, exponent }: ExactPolynomial): ExactPolynomial {
  return { c: c.map((v, i) => BigInt(i) * v), exponent };
}

/** An interval that may hold roots; `simple` where it is known to hold exactly one in its interior, at which the sign changes. */
export interface RootPlace {
  readonly left: number;
  readonly right: number;
  readonly simple: boolean;
}

/** Intervals narrower than this, against the larger of 1 and the place, are not cut. */
export const NARROW: number = 2 ** -50;
/** Steps of n^2 additions each that are spent; what is open then counts as roots, as wide as it is. */
const WORK = 4e7;

/** Intervals that hold every real root between them; those which hold several are narrow, as around a multiple root. */
export function rootsOf({ c }: ExactPolynomial): RootPlace[] {
  let n = c.length - 1;
  while (n > 0 && c[n] === 0n) n--;
  if (n === 0) return [];
  const reach = reachOf(c, n);
  const found: RootPlace[] = [];
  // x = 2^(reach + 1) t - 2^reach; t in [0, 1] is cut into k 2^-level .. (k + 1) 2^-level.
  const open = [{ q: onUnit(c.slice(0, n + 1), reach), k: 0n, level: 0 }];
  let steps = 0;
  // Wide intervals come first, so that those which are left at the end are narrow.
  for (let next = 0; next < open.length; next++) {
    const { q, k, level } = open[next];
    const [from, to] = [placeOf(k, level, reach), placeOf(k + 1n, level, reach)];
    const [left, right] = [rounded(from, -1), rounded(to, 1)];
    const changes = signChanges(shifted(q.slice().reverse()));
    steps += n * n;
    open[next].q = [];
    if (changes === 0) continue;
    const narrow = right - left <= NARROW * Math.max(1, Math.abs(left), Math.abs(right));
    if (changes === 1 || narrow || steps > WORK) {
      found.push({ left, right, simple: changes === 1 && from.exact && to.exact });
      continue;
    }
    // q(t / 2) 2^n, and from there q((t + 1) / 2) 2^n.
    const first = q.map((v, i) => v << BigInt(n - i));
    const second = shifted(first);
    if (second[0] === 0n) {
      const at = placeOf(2n * k + 1n, level + 1, reach);
      found.push({ left: rounded(at, -1), right: rounded(at, 1), simple: false });
    }
    open.push({ q: first, k: 2n * k, level: level + 1 }, { q: second, k: 2n * k + 1n, level: level + 1 });
  }
  return found;
}

/** A power of two beyond the size of every root: Fujiwara's bound, 2 max |c_(n-i) / c_n|^(1/i). */
function reachOf(c: readonly bigint[], n: number): number {
  const bits = (v: bigint) => (v < 0n ? -v : v).toString(2).length;
  const last = bits(c[n]) - 1;
  let reach = 1;
  for (let i = 1; i <= n; i++) if (c[n - i] !== 0n) reach = Math.max(reach, Math.ceil((bits(c[n - i]) - last) / i) + 1);
  return reach;
}

/** Coefficients of q(2^(reach + 1) t - 2^reach), times a positive number. */
function onUnit(c: readonly bigint[], reach: number): bigint[] {
  const scale = BigInt(reach);
  // y = x / 2^reach, then y = 2 t - 1.
  const inY = c.map((v, i) => v << (scale * BigInt(i)));
  const flipped = shifted(inY.map((v, i) => (i % 2 === 1 ? -v : v)));
  return flipped.map((v, i) => (i % 2 === 1 ? -v : v) << BigInt(i));
}

/** Coefficients of q(t + 1). */
function shifted(q: readonly bigint[]): bigint[] {
  const r = q.slice();
  for (let i = 0; i < r.length - 1; i++) for (let j = r.length - 2; j >= i; j--) r[j] += r[j + 1];
  return r;
}

function signChanges(q: readonly bigint[]): number {
  let changes = 0;
  let last = 0n;
  for (const v of q) {
    if (v === 0n) continue;
    if (last !== 0n && v > 0n !== last > 0n) changes++;
    last = v;
  }
  return changes;
}

/** 2^reach (2 k 2^-level - 1) to the nearest number, nearly, and whether that is the very place; what is beyond all numbers counts as the last one. */
function placeOf(k: bigint, level: number, reach: number): { readonly at: number; readonly exact: boolean } {
  const m = 2n * k - (1n << BigInt(level));
  const size = m < 0n ? -m : m;
  const excess = Math.max(0, size.toString(2).length - 53);
  const v = timesPowerOfTwo(Number(size >> BigInt(excess)), reach - level + excess);
  const at = Math.min(v, Number.MAX_VALUE) * (m < 0n ? -1 : 1);
  return { at, exact: excess === 0 && (m === 0n || v > 1e-300) };
}

/** v 2^e, in steps that are exact but below the normal range. */
export function timesPowerOfTwo(v: number, e: number): number {
  let result = v;
  for (let k = e; k !== 0 && result !== 0 && result < Infinity; k -= Math.sign(k)) result *= k > 0 ? 2 : 0.5;
  return result;
}

function rounded({ at, exact }: { readonly at: number; readonly exact: boolean }, side: -1 | 1): number {
  return exact ? at : at + side * (2 * Number.EPSILON * Math.abs(at) + 2 * Number.MIN_VALUE);
}

/** The sign of p(x), exactly. */
export function signAt({ c }: ExactPolynomial, x: number): -1 | 0 | 1 {
  const { c: numerators, exponent } = exactOf([x]);
  const [m] = numerators;
  let sum = 0n;
  let scale = 0n;
  for (let i = c.length - 1; i >= 0; i--) {
    sum = exponent < 0 ? sum * m + (c[i] << scale) : ((sum * m) << BigInt(exponent)) + c[i];
    if (exponent < 0) scale += BigInt(-exponent);
  }
  return sum > 0n ? 1 : sum < 0n ? -1 : 0;
}

/** The sign of p just right of a root x, or just left of it (side -1): that of the first derivative that is not 0 there. */
export function signBeside(p: ExactPolynomial, x: number, side: -1 | 1): -1 | 0 | 1 {
  let q = derivativeOf(p);
  for (let k = 1; k < p.c.length; k++) {
    const sign = signAt(q, x);
    if (sign !== 0) return side < 0 && k % 2 === 1 ? (-sign as -1 | 1) : sign;
    q = derivativeOf(q);
  }
  return 0;
}
