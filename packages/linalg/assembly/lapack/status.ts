/** What the drivers return, and the checks and scalings that they share. */
import { entry, maxAbs, scale } from './vector';

/** Everything is computed. Codes >= 0 name a pivot or count what did not converge. */
export const OK: i32 = -1;
/** An entry is NaN or infinite; nothing was computed. */
export const NOT_FINITE: i32 = -2;

/** Are all `count` elements at x finite? One pass: 0 x is NaN exactly where x is not. */
export function allFinite<T>(count: i32, x: usize): bool {
  const end = x + <usize>count * sizeof<T>();
  let zero: T = 0;
  if (ASC_FEATURE_SIMD) {
    // Four sums, as one alone would wait for each addition.
    const fours = x + ((<usize>count * sizeof<T>()) & ~63);
    const whole = x + ((<usize>count * sizeof<T>()) & ~15);
    const none = v128.splat<T>(0);
    let zeros = none, second = none, third = none, fourth = none;
    for (; x < fours; x += 64) {
      zeros = v128.add<T>(zeros, v128.mul<T>(v128.load(x), none));
      second = v128.add<T>(second, v128.mul<T>(v128.load(x, 16), none));
      third = v128.add<T>(third, v128.mul<T>(v128.load(x, 32), none));
      fourth = v128.add<T>(fourth, v128.mul<T>(v128.load(x, 48), none));
    }
    for (; x < whole; x += 16) zeros = v128.add<T>(zeros, v128.mul<T>(v128.load(x), none));
    zeros = v128.add<T>(v128.add<T>(zeros, second), v128.add<T>(third, fourth));
    zero = v128.extract_lane<T>(zeros, 0) + v128.extract_lane<T>(zeros, 1);
    if (sizeof<T>() == 4) zero += v128.extract_lane<T>(zeros, 2) + v128.extract_lane<T>(zeros, 3);
  }
  for (; x < end; x += sizeof<T>()) zero += <T>0 * load<T>(x);
  return zero == <T>0;
}

/** `allFinite` for the lower triangle of an n x n row-major matrix. */
export function lowerFinite<T>(n: i32, a: usize): bool {
  for (let i = 0; i < n; i++) if (!allFinite<T>(i + 1, a + <usize>i * <usize>n * sizeof<T>())) return false;
  return true;
}

/** Squares of entries in this range neither overflow nor vanish beside each other. */
const SMALL: f64 = 6.2230152778611417e-61; // 2^-200
const LARGE: f64 = 1.6069380442589903e60; // 2^200

/**
 * Multiplies x by a power of two so that its largest entry is near 1, when that is outside the safe range; returns the
 * factor that undoes it, 1 where nothing was done. Exact but for entries that become denormal beside the largest one.
 */
export function toSafeRange(count: i32, x: usize): f64 {
  const largest = maxAbs(count, x);
  if (largest == 0 || (largest >= SMALL && largest <= LARGE)) return 1;
  let undo: f64 = 1;
  let value = largest;
  while (value > LARGE) {
    value *= SMALL;
    undo *= LARGE;
  }
  while (value < SMALL) {
    value *= LARGE;
    undo *= SMALL;
  }
  scalePower(count, undo, x);
  return undo;
}

/** x <- x / power; the reciprocal of 2^-1000 and less would overflow, so in two steps. */
function scalePower(count: i32, power: f64, x: usize): void {
  const root = power > 1 ? LARGE : SMALL;
  while (power != 1) {
    scale(count, 1 / root, x);
    power /= root;
  }
}

/** order[i] <- the index of the i-th largest (descending) or smallest of n values. Insertion: they come almost sorted. */
export function sortOrder(n: i32, values: usize, order: usize, descending: bool): void {
  for (let i = 0; i < n; i++) {
    const value = load<f64>(entry(values, 0, 0, i));
    let j = i;
    for (; j > 0; j--) {
      const before = load<i32>(order + (<usize>(j - 1) << 2));
      const other = load<f64>(entry(values, 0, 0, before));
      if (descending ? other >= value : other <= value) break;
      store<i32>(order + (<usize>j << 2), before);
    }
    store<i32>(order + (<usize>j << 2), i);
  }
}
