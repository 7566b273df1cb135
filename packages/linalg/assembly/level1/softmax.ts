/**
 * Row-wise softmax and log-sum-exp. With m = max x, e^(x_i - m) is at most 1, so nothing overflows and the sum is at least 1.
 * A row of minus infinities has the sum 0: its softmax is all zeros and its log-sum-exp -Infinity.
 * x_i may be -Infinity (a mask), not NaN or Infinity. Rows are contiguous.
 *
 * With S the exact sum, u the unit roundoff and d = depth(n) of ./reduce, the relative error of the computed sum is at most
 * (ln n + 2 + d) u to first order: subtracting m costs |x_i - m| u in e^(x_i - m), whose mean under the weights
 * e^(x_i - m) / S is their entropy minus ln S, at most ln n; exp itself costs 2 u at most.
 */
import { lanes } from '../blas/blocking';
import { dexp, sexp } from '../elementary/exports';
import { log } from '../elementary/log';
import { sum } from './dot';

/** Overwrites the m rows of n entries at `a` with their softmax. */
export function softmaxRows<T>(m: i32, n: i32, a: usize): void {
  const rowBytes = <usize>n * sizeof<T>();
  for (let i = 0; i < m; i++) {
    const peak = maximum<T>(n, a);
    if (peak == <T>-Infinity) fillZero<T>(n, a);
    else divide<T>(n, a, expShifted<T>(n, peak, a, a));
    a += rowBytes;
  }
}

/** Writes ln sum_j e^(a_ij) of each row to `to`; overwrites the rows. */
export function logSumExpRows<T>(m: i32, n: i32, a: usize, to: usize): void {
  const rowBytes = <usize>n * sizeof<T>();
  for (let i = 0; i < m; i++) {
    const peak = maximum<T>(n, a);
    const value = peak == <T>-Infinity ? <f64>peak : <f64>peak + log(<f64>expShifted<T>(n, peak, a, a));
    store<T>(to, <T>value);
    a += rowBytes;
    to += sizeof<T>();
  }
}

/** y <- e^(x - peak); returns the sum. y may be x. */
function expShifted<T>(n: i32, peak: T, x: usize, y: usize): T {
  const end = <usize>n * sizeof<T>();
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const shift = v128.splat<T>(peak);
    for (; at + 16 <= end; at += 16) v128.store(y + at, v128.sub<T>(v128.load(x + at), shift));
  }
  for (; at < end; at += sizeof<T>()) store<T>(y + at, load<T>(x + at) - peak);
  if (sizeof<T>() == 8) dexp(n, y, y);
  else sexp(n, y, y);
  return sum<T>(n, y, sizeof<T>());
}

function fillZero<T>(n: i32, y: usize): void {
  const end = y + <usize>n * sizeof<T>();
  for (; y < end; y += sizeof<T>()) store<T>(y, <T>0);
}

function divide<T>(n: i32, y: usize, by: T): void {
  const end = y + <usize>n * sizeof<T>();
  if (ASC_FEATURE_SIMD) {
    const divisor = v128.splat<T>(by);
    for (; y + 16 <= end; y += 16) v128.store(y, v128.div<T>(v128.load(y), divisor));
  }
  for (; y < end; y += sizeof<T>()) store<T>(y, load<T>(y) / by);
}

/** The greatest entry, -Infinity when there is none. Which of 0 and -0 it is depends on the order; e^(x - peak) does not. */
function maximum<T>(n: i32, x: usize): T {
  let peak: T = <T>-Infinity;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    let peaks = v128.splat<T>(peak);
    for (; i + lanes<T>() <= n; i += lanes<T>()) {
      peaks = v128.pmax<T>(peaks, v128.load(x));
      x += 16;
    }
    if (sizeof<T>() == 8) {
      peak = <T>max<f64>(f64x2.extract_lane(peaks, 0), f64x2.extract_lane(peaks, 1));
    } else {
      const low = max<f32>(f32x4.extract_lane(peaks, 0), f32x4.extract_lane(peaks, 1));
      peak = <T>max<f32>(low, max<f32>(f32x4.extract_lane(peaks, 2), f32x4.extract_lane(peaks, 3)));
    }
  }
  for (; i < n; i++) {
    peak = max<T>(peak, load<T>(x));
    x += sizeof<T>();
  }
  return peak;
}
