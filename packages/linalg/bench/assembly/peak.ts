/**
 * The machine's rate of 128-bit multiplications and additions, which bounds every kernel without fused multiply-add:
 * `count` independent chains c <- c s + s, so that enough chains keep all units busy whatever their latency. A benchmark
 * takes the best count. One multiplication and one addition a lane, chain and round.
 *
 * The chains start apart, or a compiler may merge them, and s is an argument, or it may be made anew at every use; 1/2
 * keeps the chains near 1. At most 15 vectors are live.
 */

// @ts-ignore: decorator
@inline
function step<T>(c: v128, s: v128): v128 {
  return v128.add<T>(v128.mul<T>(c, s), s);
}

// @ts-ignore: decorator
@inline
function start<T>(chain: i32): v128 {
  return v128.splat<T>(<T>(1 + 0.125 * <f64>chain));
}

function chains4<T>(rounds: i32, s: v128): v128 {
  let c0 = start<T>(0), c1 = start<T>(1);
  let c2 = start<T>(2), c3 = start<T>(3);
  do {
    c0 = step<T>(c0, s);
    c1 = step<T>(c1, s);
    c2 = step<T>(c2, s);
    c3 = step<T>(c3, s);
  } while (--rounds > 0);
  return v128.add<T>(v128.add<T>(v128.add<T>(c0, c1), c2), c3);
}

function chains6<T>(rounds: i32, s: v128): v128 {
  let c0 = start<T>(0), c1 = start<T>(1);
  let c2 = start<T>(2), c3 = start<T>(3);
  let c4 = start<T>(4), c5 = start<T>(5);
  do {
    c0 = step<T>(c0, s);
    c1 = step<T>(c1, s);
    c2 = step<T>(c2, s);
    c3 = step<T>(c3, s);
    c4 = step<T>(c4, s);
    c5 = step<T>(c5, s);
  } while (--rounds > 0);
  return v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(c0, c1), c2), c3), c4), c5);
}

function chains8<T>(rounds: i32, s: v128): v128 {
  let c0 = start<T>(0), c1 = start<T>(1);
  let c2 = start<T>(2), c3 = start<T>(3);
  let c4 = start<T>(4), c5 = start<T>(5);
  let c6 = start<T>(6), c7 = start<T>(7);
  do {
    c0 = step<T>(c0, s);
    c1 = step<T>(c1, s);
    c2 = step<T>(c2, s);
    c3 = step<T>(c3, s);
    c4 = step<T>(c4, s);
    c5 = step<T>(c5, s);
    c6 = step<T>(c6, s);
    c7 = step<T>(c7, s);
  } while (--rounds > 0);
  return v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(c0, c1), c2), c3), c4), c5), c6), c7);
}

function chains10<T>(rounds: i32, s: v128): v128 {
  let c0 = start<T>(0), c1 = start<T>(1);
  let c2 = start<T>(2), c3 = start<T>(3);
  let c4 = start<T>(4), c5 = start<T>(5);
  let c6 = start<T>(6), c7 = start<T>(7);
  let c8 = start<T>(8), c9 = start<T>(9);
  do {
    c0 = step<T>(c0, s);
    c1 = step<T>(c1, s);
    c2 = step<T>(c2, s);
    c3 = step<T>(c3, s);
    c4 = step<T>(c4, s);
    c5 = step<T>(c5, s);
    c6 = step<T>(c6, s);
    c7 = step<T>(c7, s);
    c8 = step<T>(c8, s);
    c9 = step<T>(c9, s);
  } while (--rounds > 0);
  return v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(c0, c1), c2), c3), c4), c5), c6), c7), c8), c9);
}

function chains12<T>(rounds: i32, s: v128): v128 {
  let c0 = start<T>(0), c1 = start<T>(1);
  let c2 = start<T>(2), c3 = start<T>(3);
  let c4 = start<T>(4), c5 = start<T>(5);
  let c6 = start<T>(6), c7 = start<T>(7);
  let c8 = start<T>(8), c9 = start<T>(9);
  let c10 = start<T>(10), c11 = start<T>(11);
  do {
    c0 = step<T>(c0, s);
    c1 = step<T>(c1, s);
    c2 = step<T>(c2, s);
    c3 = step<T>(c3, s);
    c4 = step<T>(c4, s);
    c5 = step<T>(c5, s);
    c6 = step<T>(c6, s);
    c7 = step<T>(c7, s);
    c8 = step<T>(c8, s);
    c9 = step<T>(c9, s);
    c10 = step<T>(c10, s);
    c11 = step<T>(c11, s);
  } while (--rounds > 0);
  return v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(c0, c1), c2), c3), c4), c5), c6), c7), c8), c9), c10), c11);
}

function chains14<T>(rounds: i32, s: v128): v128 {
  let c0 = start<T>(0), c1 = start<T>(1);
  let c2 = start<T>(2), c3 = start<T>(3);
  let c4 = start<T>(4), c5 = start<T>(5);
  let c6 = start<T>(6), c7 = start<T>(7);
  let c8 = start<T>(8), c9 = start<T>(9);
  let c10 = start<T>(10), c11 = start<T>(11);
  let c12 = start<T>(12), c13 = start<T>(13);
  do {
    c0 = step<T>(c0, s);
    c1 = step<T>(c1, s);
    c2 = step<T>(c2, s);
    c3 = step<T>(c3, s);
    c4 = step<T>(c4, s);
    c5 = step<T>(c5, s);
    c6 = step<T>(c6, s);
    c7 = step<T>(c7, s);
    c8 = step<T>(c8, s);
    c9 = step<T>(c9, s);
    c10 = step<T>(c10, s);
    c11 = step<T>(c11, s);
    c12 = step<T>(c12, s);
    c13 = step<T>(c13, s);
  } while (--rounds > 0);
  return v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(v128.add<T>(c0, c1), c2), c3), c4), c5), c6), c7), c8), c9), c10), c11), c12), c13);
}

function run<T>(count: i32, rounds: i32, s: v128): v128 {
  switch (count) {
    case 4: return chains4<T>(rounds, s);
    case 6: return chains6<T>(rounds, s);
    case 8: return chains8<T>(rounds, s);
    case 10: return chains10<T>(rounds, s);
    case 12: return chains12<T>(rounds, s);
    default: return chains14<T>(rounds, s);
  }
}

/** Two lanes. `count`: 4, 6, 8, 10, 12, 14. Returns a sum that depends on all chains. */
export function doubleChains(count: i32, rounds: i32, s: f64): f64 {
  return f64x2.extract_lane(run<f64>(count, rounds, f64x2.splat(s)), 0);
}

/** Four lanes. */
export function singleChains(count: i32, rounds: i32, s: f32): f32 {
  return f32x4.extract_lane(run<f32>(count, rounds, f32x4.splat(s)), 0);
}
