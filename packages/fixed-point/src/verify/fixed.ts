/**
 * Interval arithmetic on whole numbers: [lo, hi] stands for all reals from lo 2^-200 to hi 2^-200. Sums are exact; products are rounded
 * outwards at the last of 200 binary places. It shares nothing with the floating-point intervals that make certificates.
 */
export interface Fixed {
  readonly lo: bigint;
  readonly hi: bigint;
}

export const PLACES = 200n;
export const ONE: bigint = 1n << PLACES;
export const ZERO: Fixed = { lo: 0n, hi: 0n };

/**
 * The exact value of a finite number, or the two neighbours of it that have 200 places.
 *
 * @throws RangeError for what is no finite number: its bits would read as one.
 */
export function fixed(x: number): Fixed {
  if (!Number.isFinite(x)) throw new RangeError(`${x} is no finite number`);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const size = exponent === 0n ? fraction : fraction | (1n << 52n);
  const m = bits >> 63n ? -size : size;
  const shift = (exponent === 0n ? 1n : exponent) - 1075n + PLACES;
  if (shift >= 0n) return { lo: m << shift, hi: m << shift };
  return { lo: m >> -shift, hi: -(-m >> -shift) };
}

/** All numbers from a to b. */
export function between(a: number, b: number): Fixed {
  return { lo: fixed(a).lo, hi: fixed(b).hi };
}

export function add(a: Fixed, b: Fixed): Fixed {
  return { lo: a.lo + b.lo, hi: a.hi + b.hi };
}

export function subtract(a: Fixed, b: Fixed): Fixed {
  return { lo: a.lo - b.hi, hi: a.hi - b.lo };
}

export function multiply(a: Fixed, b: Fixed): Fixed {
  const products = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
  let least = products[0];
  let most = products[0];
  for (const p of products) {
    if (p < least) least = p;
    if (p > most) most = p;
  }
  return { lo: least >> PLACES, hi: -(-most >> PLACES) };
}

/** x^2, which is never negative. */
export function square(x: Fixed): Fixed {
  const least = x.lo > 0n ? x.lo : x.hi < 0n ? -x.hi : 0n;
  const most = size(x);
  return { lo: (least * least) >> PLACES, hi: -(-(most * most) >> PLACES) };
}

/** n x for a whole n. */
export function times(n: bigint, x: Fixed): Fixed {
  return n < 0n ? { lo: n * x.hi, hi: n * x.lo } : { lo: n * x.lo, hi: n * x.hi };
}

/** x / n for a whole n > 0. */
export function over(x: Fixed, n: bigint): Fixed {
  return { lo: floorDivide(x.lo, n), hi: -floorDivide(-x.hi, n) };
}

/** 1 / x for x > 0. */
export function reciprocal(x: Fixed): Fixed {
  return { lo: (ONE * ONE) / x.hi, hi: -floorDivide(-(ONE * ONE), x.lo) };
}

/** a / b for a b that does not hold zero. */
export function divide(a: Fixed, b: Fixed): Fixed {
  const inverse = b.lo > 0n ? reciprocal(b) : times(-1n, reciprocal(times(-1n, b)));
  return multiply(a, inverse);
}

function floorDivide(a: bigint, n: bigint): bigint {
  const quotient = a / n;
  return a < 0n && quotient * n !== a ? quotient - 1n : quotient;
}

/** Math.max and Math.min do not take whole numbers of any size. */
function greater(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

/** The largest |y| for y in x. */
export function size(x: Fixed): bigint {
  return greater(-x.lo, x.hi);
}

export function join(a: Fixed, b: Fixed): Fixed {
  return { lo: lesser(a.lo, b.lo), hi: greater(a.hi, b.hi) };
}

/** What two enclosures of the same numbers leave together. */
export function meet(a: Fixed, b: Fixed): Fixed {
  return { lo: greater(a.lo, b.lo), hi: lesser(a.hi, b.hi) };
}

export function middle(x: Fixed): Fixed {
  const m = (x.lo + x.hi) >> 1n;
  return { lo: m, hi: m };
}

export const UNIT: Fixed = { lo: ONE, hi: ONE };
