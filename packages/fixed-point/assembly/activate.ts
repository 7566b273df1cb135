/** Activations, entry by entry and in place; src/net/activation.ts is their twin for one number. */
import { exp, gelu, sigmoid, tanh } from './exp';
import { hostExp, hostGelu, hostSigmoid, hostTanh } from './host';

/** What src/kernel/program.ts writes. */
export const LEAKY: i32 = 1;
const HARD_TANH: i32 = 2;
const TANH: i32 = 3;
const SIGMOID: i32 = 4;
const SILU: i32 = 5;
const GELU: i32 = 6;
const CUBIC: i32 = 7;
const POLYNOMIAL: i32 = 8;
const EXP_POLYNOMIAL: i32 = 9;

/**
 * @param y - where an even number of entries begins; `end` is behind them.
 * @param a - coefficients, `count` of them: of a polynomial, or the slope of `LEAKY` left of 0.
 */
export function activate(kind: i32, y: usize, end: usize, a: usize, count: i32): void {
  if (kind == LEAKY) leaky(y, end, load<f64>(a));
  else if (kind == HARD_TANH) clip(y, end);
  else if (kind == CUBIC) cubic(y, end);
  else if (kind == POLYNOMIAL) horner(y, end, a, count);
  else if (ASC_FEATURE_SIMD && kind == TANH) for (; y < end; y += 16) v128.store(y, tanh(v128.load(y)));
  else if (kind == EXP_POLYNOMIAL) {
    for (let at = y; at < end; at += 16) {
      if (ASC_FEATURE_SIMD) v128.store(at, exp(v128.load(at)));
      else {
        store<f64>(at, hostExp(load<f64>(at)));
        store<f64>(at, hostExp(load<f64>(at, 8)), 8);
      }
    }
    horner(y, end, a, count);
  } else if (kind != 0) {
    if (ASC_FEATURE_SIMD) for (; y < end; y += 16) v128.store(y, curved(kind, v128.load(y)));
    else for (; y < end; y += 8) store<f64>(y, curvedOne(kind, load<f64>(y)));
  }
}

function curved(kind: i32, z: v128): v128 {
  if (kind == SIGMOID) return sigmoid(z);
  if (kind == SILU) return f64x2.mul(z, sigmoid(z));
  return gelu(z);
}

function curvedOne(kind: i32, z: f64): f64 {
  if (kind == TANH) return hostTanh(z);
  if (kind == SIGMOID) return hostSigmoid(z);
  if (kind == SILU) return z * hostSigmoid(z);
  return hostGelu(z);
}

function leaky(y: usize, end: usize, slope: f64): void {
  if (ASC_FEATURE_SIMD) {
    for (; y < end; y += 16) {
      const z = v128.load(y);
      v128.store(y, f64x2.mul(v128.bitselect(f64x2.splat(1), f64x2.splat(slope), f64x2.ge(z, f64x2.splat(0))), z));
    }
  } else {
    for (; y < end; y += 8) {
      const z = load<f64>(y);
      store<f64>(y, (z >= 0 ? 1 : slope) * z);
    }
  }
}

function clip(y: usize, end: usize): void {
  if (ASC_FEATURE_SIMD) {
    for (; y < end; y += 16) v128.store(y, f64x2.min(f64x2.max(v128.load(y), f64x2.splat(-1)), f64x2.splat(1)));
  } else {
    for (; y < end; y += 8) store<f64>(y, min(max(load<f64>(y), -1), 1));
  }
}

function cubic(y: usize, end: usize): void {
  if (ASC_FEATURE_SIMD) {
    for (; y < end; y += 16) {
      const z = v128.load(y);
      v128.store(y, f64x2.mul(z, f64x2.sub(f64x2.splat(1.5), f64x2.mul(f64x2.mul(f64x2.splat(0.5), z), z))));
    }
  } else {
    for (; y < end; y += 8) {
      const z = load<f64>(y);
      store<f64>(y, z * (1.5 - 0.5 * z * z));
    }
  }
}

function horner(y: usize, end: usize, a: usize, count: i32): void {
  for (; y < end; y += 16) {
    if (ASC_FEATURE_SIMD) {
      const z = v128.load(y);
      let p = f64x2.splat(0);
      for (let i = count - 1; i >= 0; i--) p = f64x2.add(f64x2.mul(p, z), v128.load64_splat(a + (<usize>i << 3)));
      v128.store(y, p);
    } else {
      const z0 = load<f64>(y);
      const z1 = load<f64>(y, 8);
      let p0: f64 = 0;
      let p1: f64 = 0;
      for (let i = count - 1; i >= 0; i--) {
        p0 = p0 * z0 + load<f64>(a + (<usize>i << 3));
        p1 = p1 * z1 + load<f64>(a + (<usize>i << 3));
      }
      store<f64>(y, p0);
      store<f64>(y, p1, 8);
    }
  }
}
