/** Elementary functions in integer arithmetic with 320 bits after the point: slow, obvious, and right to 250 bits or more. */

/** m 2^e. */
export interface Big {
  readonly m: bigint;
  readonly e: number;
}

const BITS = 320;
const ONE = 1n << 320n;

const multiply = (a: bigint, b: bigint): bigint => (a * b) >> BigInt(BITS);
const ratio = (a: bigint, b: bigint): bigint => (a << BigInt(BITS)) / b;

/** artanh x = x + x^3/3 + x^5/5 + ... */
function artanh(x: bigint): bigint {
  const z = multiply(x, x);
  let sum = 0n;
  for (let power = x, j = 1n; power !== 0n && power !== -1n; power = multiply(power, z), j += 2n) sum += power / j;
  return sum;
}

/** arctan(1/q) */
function arctanInverse(q: bigint): bigint {
  let sum = 0n;
  for (let power = ONE / q, j = 1n; power !== 0n; power = -power / (q * q), j += 2n) sum += power / j;
  return sum;
}

const LN2 = 2n * artanh(ONE / 3n);
const PI = 4n * (4n * arctanInverse(5n) - arctanInverse(239n));

const words = new DataView(new ArrayBuffer(8));

/** The exact value of a finite double. */
function exact(x: number): Big {
  words.setFloat64(0, x);
  const bits = words.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 2047n);
  const fraction = bits & ((1n << 52n) - 1n);
  const m = exponent === 0 ? fraction : fraction | (1n << 52n);
  return { m: x < 0 ? -m : m, e: Math.max(exponent, 1) - 1075 };
}

function shift(m: bigint, by: number): bigint {
  return by >= 0 ? m << BigInt(by) : m >> BigInt(-by);
}

const fixed = ({ m, e }: Big): bigint => shift(m, e + BITS);

/** 1 + x + x^2/2! + ..., with every `step`-th term from the one of degree `first` and with alternating signs when step is 2. */
function taylor(x: bigint, first: bigint, step: bigint): bigint {
  let term = first === 0n ? ONE : x;
  let sum = 0n;
  const factor = step === 1n ? x : -multiply(x, x);
  for (let degree = first; term !== 0n && term !== -1n; degree += step) {
    sum += term;
    term = multiply(term, factor);
    for (let d = degree + 1n; d <= degree + step; d++) term /= d;
  }
  return sum;
}

export function bigExp(x: number): Big {
  const k = Math.round(x / Math.LN2);
  return { m: taylor(fixed(exact(x)) - BigInt(k) * LN2, 0n, 1n), e: k - BITS };
}

export function bigLog(x: number): Big {
  const k = Math.round(Math.log2(x));
  const { m, e } = exact(x);
  const scaled = fixed({ m, e: e - k });
  return { m: BigInt(k) * LN2 + 2n * artanh(ratio(scaled - ONE, scaled + ONE)), e: -BITS };
}

/** sin(pi x + quarters pi / 2); the reduction to |r| <= 1/4 is exact, so that zeros are zeros. */
function sineAfter(x: number, quarters: number): Big {
  const turn = x % 2;
  const n = Math.round(2 * turn);
  const r = turn - n / 2;
  const quadrant = (n + quarters + 8) % 4;
  const value = taylor(multiply(PI, fixed(exact(r))), quadrant % 2 === 0 ? 1n : 0n, 2n);
  return { m: quadrant < 2 ? value : -value, e: -BITS };
}

export function bigSinPi(x: number): Big {
  // Below 2^-60 the next term of the series is smaller than pi x by 2^-118.
  return Math.abs(x) < 2 ** -60 ? { m: PI * exact(x).m, e: exact(x).e - BITS } : sineAfter(x, 0);
}

export function bigCosPi(x: number): Big {
  return sineAfter(x, 1);
}

/** A binary format: bits of the significand, exponent of the least positive number. */
export interface Format {
  readonly precision: number;
  readonly least: number;
}
const F64: Format = { precision: 53, least: -1074 };
export const F32: Format = { precision: 24, least: -149 };

/** |y - reference| in units in the last place of the reference. */
export function ulps(y: number, reference: Big, { precision, least }: Format = F64): number {
  const length = (reference.m < 0n ? -reference.m : reference.m).toString(2).length;
  const ulp = Math.max(length + reference.e - precision, least);
  const got = exact(y);
  const e = Math.min(got.e, reference.e);
  const difference = shift(got.m, got.e - e) - shift(reference.m, reference.e - e);
  const scaled = Number(shift(difference < 0n ? -difference : difference, e - ulp + 40));
  return scaled / 2 ** 40;
}

/** The exact value of sum x_i y_i. */
export function exactDot(x: ArrayLike<number>, y: ArrayLike<number>): Big {
  let sum: Big = { m: 0n, e: 0 };
  for (let i = 0; i < x.length; i++) {
    const a = exact(x[i]!);
    const b = exact(y[i]!);
    sum = add(sum, { m: a.m * b.m, e: a.e + b.e });
  }
  return sum;
}

/** a + b, exact. */
export function add(a: Big, b: Big): Big {
  const e = Math.min(a.e, b.e);
  return { m: shift(a.m, a.e - e) + shift(b.m, b.e - e), e };
}

/** a / b to 320 bits or more, for positive numbers. */
export function divide(a: Big, b: Big): Big {
  const by = BITS + Math.max(0, b.m.toString(2).length - a.m.toString(2).length);
  return { m: shift(a.m, by) / b.m, e: a.e - b.e - by };
}

/** |y - reference|, rounded down to a double. */
export function distance(y: number, reference: Big): number {
  const { m, e } = add(exact(y), { m: -reference.m, e: reference.e });
  return toNumber({ m: m < 0n ? -m : m, e });
}

/** The nearest double below in magnitude, give or take one rounding. */
export function toNumber({ m, e }: Big): number {
  const excess = Math.max((m < 0n ? -m : m).toString(2).length - 60, 0);
  const scaled = Number(m >> BigInt(excess));
  const half = Math.trunc((e + excess) / 2);
  return scaled * 2 ** half * 2 ** (e + excess - half);
}
