/** Element by element over vectors; y may be x. */
import { exp, expF32x4, expF64x2, expf } from './exp';
import { log } from './log';
import { cosPi, sinPi } from './trig';

export function dexp(n: i32, x: usize, y: usize): void {
  let i: usize = 0;
  const end = <usize>n << 3;
  if (ASC_FEATURE_SIMD) {
    for (; i + 16 <= end; i += 16) v128.store(y + i, expF64x2(v128.load(x + i)));
  }
  for (; i < end; i += 8) store<f64>(y + i, exp(load<f64>(x + i)));
}

export function sexp(n: i32, x: usize, y: usize): void {
  let i: usize = 0;
  const end = <usize>n << 2;
  if (ASC_FEATURE_SIMD) {
    for (; i + 16 <= end; i += 16) v128.store(y + i, expF32x4(v128.load(x + i)));
  }
  for (; i < end; i += 4) store<f32>(y + i, expf(load<f32>(x + i)));
}

export function dlog(n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i++) store<f64>(y + (<usize>i << 3), log(load<f64>(x + (<usize>i << 3))));
}

export function dsinPi(n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i++) store<f64>(y + (<usize>i << 3), sinPi(load<f64>(x + (<usize>i << 3))));
}

export function dcosPi(n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i++) store<f64>(y + (<usize>i << 3), cosPi(load<f64>(x + (<usize>i << 3))));
}
