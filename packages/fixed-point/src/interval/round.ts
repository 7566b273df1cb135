/**
 * Outward rounding. JavaScript rounds to nearest only, so a bound is moved past the next number after every operation that rounds.
 *
 * With u = 2^-53 and phi = u (1 + 2u), fl(x + fl(phi |x| + 2^-1074)) is at least the number after x, subnormals included, and at most two
 * after it: no look at the bits is needed (Rump, Zimmermann, Boldo, Melquiond, Computing predecessor and successor in rounding to
 * nearest, BIT 2009; a test compares with the bits). Infinities give an infinity or NaN, which no comparison below takes for a bound.
 */

/** Unit roundoff: |fl(x) - x| <= U |x| for results in the normal range. */
export const U: number = 1.1102230246251565e-16;
const PHI = U * (1 + 2 * U);
/** The least positive number. */
const ETA = 5e-324;
/** 2^-1000: far above what underflow in a sum of products can lose, far below everything else. */
export const TINY: number = 9.332636185032189e-302;

/** A number above x. */
export function above(x: number): number {
  return x + (Math.abs(x) * PHI + ETA);
}

/** A number below x. */
export function below(x: number): number {
  return x - (Math.abs(x) * PHI + ETA);
}
