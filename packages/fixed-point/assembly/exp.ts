/** src/interval/exp.ts, sigmoids.ts and gelu.ts for two lanes: the same operations in the same order, hence the same bits. */

const UNDERFLOW: f64 = -745.2;
const FAR: f64 = 8;

/**
 * Constants, each for both lanes: engines build literals anew at each use, and load these in one instruction. First 1 / k! for k = 13, 12, ... 2, then those
 * that are named below. The fallback has no use for it.
 */
// @ts-ignore: decorator
@lazy
const TABLE: usize = memory.data<f64>([
  1.0 / 6227020800, 1.0 / 6227020800, 1.0 / 479001600, 1.0 / 479001600,
  1.0 / 39916800, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 3628800,
  1.0 / 362880, 1.0 / 362880, 1.0 / 40320, 1.0 / 40320,
  1.0 / 5040, 1.0 / 5040, 1.0 / 720, 1.0 / 720,
  1.0 / 120, 1.0 / 120, 1.0 / 24, 1.0 / 24,
  1.0 / 6, 1.0 / 6, 0.5, 0.5,
  1.0, 1.0,
  2.0, 2.0,
  1.4426950408889634, 1.4426950408889634,
  6755399441055744, 6755399441055744,
  0.6931471803691238, 0.6931471803691238,
  1.9082149292705877e-10, 1.9082149292705877e-10,
  -80.0, -80.0,
], 16);
const ONE: usize = 192;
const TWO: usize = 208;
const LOG2E: usize = 224;
/** 1.5 * 2^52: adding it rounds to a whole number and leaves that in the low bits. */
const SHIFT: usize = 240;
const LN2_HI: usize = 256;
const LN2_LO: usize = 272;
/** Where e^x is lost beside 1. */
const LOST: usize = 288;

// @ts-ignore: decorator
@inline
function constant(at: usize): v128 {
  return v128.load(TABLE + at);
}

// @ts-ignore: decorator
@inline
function plusTimes(at: usize, z: v128, h: v128): v128 {
  return f64x2.add(constant(at), f64x2.mul(z, h));
}

/** e^r - 1 for |r| < 0.35. */
// @ts-ignore: decorator
@inline
function expm1Small(r: v128): v128 {
  const z = f64x2.mul(r, r);
  let A = plusTimes(32, z, constant(0));
  let B = plusTimes(48, z, constant(16));
  A = plusTimes(64, z, A);
  B = plusTimes(80, z, B);
  A = plusTimes(96, z, A);
  B = plusTimes(112, z, B);
  A = plusTimes(128, z, A);
  B = plusTimes(144, z, B);
  A = plusTimes(160, z, A);
  B = plusTimes(176, z, B);
  A = plusTimes(ONE, z, A);
  return f64x2.mul(r, f64x2.add(A, f64x2.mul(r, B)));
}

/** x / ln 2 as a whole number, plus SHIFT. */
// @ts-ignore: decorator
@inline
function shifted(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, constant(LOG2E)), constant(SHIFT));
}

// @ts-ignore: decorator
@inline
function reduced(x: v128, k: v128): v128 {
  return f64x2.sub(f64x2.sub(x, f64x2.mul(k, constant(LN2_HI))), f64x2.mul(k, constant(LN2_LO)));
}

/** 2^k for whole k, given k + SHIFT. */
// @ts-ignore: decorator
@inline
function power(k: v128): v128 {
  return i64x2.shl(i64x2.add(k, i64x2.splat(1023)), 52);
}

/** y 2^k in two steps, of which the first is exact. */
// @ts-ignore: decorator
@inline
function scaled(y: v128, k: v128): v128 {
  const shift = constant(SHIFT);
  const half = f64x2.add(f64x2.mul(k, f64x2.splat(0.5)), shift);
  const rest = f64x2.add(f64x2.sub(k, f64x2.sub(half, shift)), shift);
  return f64x2.mul(f64x2.mul(y, power(half)), power(rest));
}

/** e^x; NaN passes. Beyond the limits the scaling gives Infinity and 0. */
export function exp(x: v128): v128 {
  x = f64x2.pmin(f64x2.pmax(x, f64x2.splat(UNDERFLOW)), f64x2.splat(709.8));
  const k = f64x2.sub(shifted(x), constant(SHIFT));
  return scaled(f64x2.add(constant(ONE), expm1Small(reduced(x, k))), k);
}

// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const y = f64x2.pmax(f64x2.neg(f64x2.mul(constant(TWO), f64x2.abs(x))), constant(LOST));
  const k = shifted(y);
  const q = expm1Small(reduced(y, f64x2.sub(k, constant(SHIFT))));
  const s = power(k);
  const p = f64x2.sub(f64x2.sub(constant(ONE), s), f64x2.mul(s, q));
  const t = f64x2.div(p, f64x2.sub(constant(TWO), p));
  return v128.xor(t, v128.and(f64x2.lt(x, f64x2.splat(0)), f64x2.splat(-0.0)));
}

export function sigmoid(x: v128): v128 {
  const one = f64x2.splat(1);
  const e = exp(f64x2.neg(f64x2.abs(x)));
  return f64x2.div(v128.bitselect(e, one, f64x2.lt(x, f64x2.splat(0))), f64x2.add(one, e));
}

/**
 * x Phi(x). A lane whose series has ended goes on with the other's: what it still adds is below 1e-17 of its sum, which rounding takes
 * away. Lanes beyond FAR, or NaN, compute with 0 instead.
 */
export function gelu(x: v128): v128 {
  const half = f64x2.splat(0.5);
  const size = f64x2.abs(x);
  const near = f64x2.lt(size, f64x2.splat(FAR));
  const z = v128.and(size, near);
  const square = f64x2.mul(z, z);
  let term = z;
  let sum = z;
  for (let n: f64 = 3; ; n += 2) {
    const going = v128.or(f64x2.gt(term, f64x2.mul(sum, f64x2.splat(1e-17))), f64x2.gt(square, f64x2.splat(n / 2)));
    if (!v128.any_true(going)) break;
    term = f64x2.mul(term, f64x2.div(square, f64x2.splat(n)));
    sum = f64x2.add(sum, term);
  }
  const density = f64x2.mul(f64x2.splat(0.3989422804014327), exp(f64x2.mul(f64x2.mul(f64x2.splat(-0.5), z), z)));
  const part = f64x2.mul(density, sum);
  const left = f64x2.lt(x, f64x2.splat(0));
  const inside = v128.bitselect(f64x2.sub(half, part), f64x2.add(half, part), left);
  const beyond = v128.bitselect(f64x2.splat(0), f64x2.splat(1), left);
  const phi = v128.bitselect(inside, beyond, near);
  return f64x2.mul(x, phi);
}
