/**
 * Philox4x32-10 (Salmon et al., SC11) by blocks of four 32-bit words. Block b of a stream has the counter (b, stream), 64 bits
 * each, low word first. The SIMD code runs four blocks in the four lanes; integers make both codes agree trivially.
 */

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
const ROUNDS: i32 = 10;

/** Where the words of one block are left; a 64-byte scratch would need the arena, and four globals stay in registers. */
export let word0: u32 = 0;
export let word1: u32 = 0;
export let word2: u32 = 0;
export let word3: u32 = 0;

/** One block, number low + 2^32 high, into word0..word3. */
export function philoxBlock(low: u32, high: u32, stream0: u32, stream1: u32, k0: u32, k1: u32): void {
  let c0 = low;
  let c1 = high;
  let c2 = stream0;
  let c3 = stream1;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(c0, MULTIPLIER_0);
    const high1 = mulHigh(c2, MULTIPLIER_1);
    const low0 = c0 * MULTIPLIER_0;
    c0 = high1 ^ c1 ^ k0;
    c1 = c2 * MULTIPLIER_1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** The upper word of x y. */
// @ts-ignore: decorator
@inline
export function mulHigh(x: u32, y: u32): u32 {
  return ASC_FEATURE_SIMD ? <u32>((<u64>x * <u64>y) >>> 32) : mulHighByHalves(x, y);
}

/** 64-bit integers are slow and long in plain JavaScript. */
function mulHighByHalves(x: u32, y: u32): u32 {
  const xLow = x & 0xffff;
  const xHigh = x >>> 16;
  const yLow = y & 0xffff;
  const yHigh = y >>> 16;
  const middle = xHigh * yLow + ((xLow * yLow) >>> 16);
  return xHigh * yHigh + (middle >>> 16) + ((xLow * yHigh + (middle & 0xffff)) >>> 16);
}

/** The uniform in [0, 1) of two words; see src/random/philox.ts. */
// @ts-ignore: decorator
@inline
export function uniformOfWords(first: u32, second: u32): f64 {
  return (<f64>(first >>> 5) * 67108864.0 + <f64>(second >>> 6)) * 1.1102230246251565e-16;
}

/** Two uniforms a block: lanes `low`, `low + 1` of the word vectors, stored as u(2b), u(2b + 1). */
// @ts-ignore: decorator
@inline
function storeUniforms(out: usize, c0: v128, c1: v128, c2: v128, c3: v128): void {
  const scale = f64x2.splat(67108864.0);
  const unit = f64x2.splat(1.1102230246251565e-16);
  const a = f64x2.mul(f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.shr_u(c0, 5)), scale), f64x2.convert_low_i32x4_u(i32x4.shr_u(c1, 6))), unit);
  const b = f64x2.mul(f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.shr_u(c2, 5)), scale), f64x2.convert_low_i32x4_u(i32x4.shr_u(c3, 6))), unit);
  v128.store(out, v128.shuffle<f64>(a, b, 0, 2));
  v128.store(out, v128.shuffle<f64>(a, b, 1, 3), 16);
}

/** Where the words of four blocks are left, one block in each lane. */
// @ts-ignore: decorator
@lazy
let lanes0: v128 = i32x4.splat(0);
// @ts-ignore: decorator
@lazy
let lanes1: v128 = i32x4.splat(0);
// @ts-ignore: decorator
@lazy
let lanes2: v128 = i32x4.splat(0);
// @ts-ignore: decorator
@lazy
let lanes3: v128 = i32x4.splat(0);

/** Blocks b, ..., b + 3 into lanes0..lanes3. */
function fourBlocks(b: u64, stream0: u32, stream1: u32, k0: u32, k1: u32): void {
  const multiplier0 = i32x4.splat(MULTIPLIER_0);
  const multiplier1 = i32x4.splat(MULTIPLIER_1);
  let c0 = i32x4(<i32>b, <i32>(b + 1), <i32>(b + 2), <i32>(b + 3));
  let c1 = i32x4(<i32>(b >>> 32), <i32>((b + 1) >>> 32), <i32>((b + 2) >>> 32), <i32>((b + 3) >>> 32));
  let c2 = i32x4.splat(stream0);
  let c3 = i32x4.splat(stream1);
  for (let round = 0; round < ROUNDS; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(c0, multiplier0);
    const high0 = i64x2.extmul_high_i32x4_u(c0, multiplier0);
    const low1 = i64x2.extmul_low_i32x4_u(c2, multiplier1);
    const high1 = i64x2.extmul_high_i32x4_u(c2, multiplier1);
    c0 = v128.xor(v128.xor(v128.shuffle<i32>(low1, high1, 1, 3, 5, 7), c1), i32x4.splat(k0));
    c1 = v128.shuffle<i32>(low1, high1, 0, 2, 4, 6);
    c2 = v128.xor(v128.xor(v128.shuffle<i32>(low0, high0, 1, 3, 5, 7), c3), i32x4.splat(k1));
    c3 = v128.shuffle<i32>(low0, high0, 0, 2, 4, 6);
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  lanes0 = c0;
  lanes1 = c1;
  lanes2 = c2;
  lanes3 = c3;
}

/** The words of `blocks` blocks from number low + 2^32 high on: 16 bytes a block. */
export function fillWords(out: usize, low: u32, high: u32, blocks: i32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  let done = 0;
  if (ASC_FEATURE_SIMD) {
    for (; done + 4 <= blocks; done += 4, out += 64) {
      fourBlocks(((<u64>high << 32) | <u64>low) + <u64>done, stream0, stream1, key0, key1);
      const a = v128.shuffle<i32>(lanes0, lanes1, 0, 4, 1, 5);
      const b = v128.shuffle<i32>(lanes2, lanes3, 0, 4, 1, 5);
      const c = v128.shuffle<i32>(lanes0, lanes1, 2, 6, 3, 7);
      const d = v128.shuffle<i32>(lanes2, lanes3, 2, 6, 3, 7);
      v128.store(out, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(out, v128.shuffle<i64>(a, b, 1, 3), 16);
      v128.store(out, v128.shuffle<i64>(c, d, 0, 2), 32);
      v128.store(out, v128.shuffle<i64>(c, d, 1, 3), 48);
    }
  }
  for (; done < blocks; done++, out += 16) {
    const next = low + done;
    philoxBlock(next, high + <u32>(next < low), stream0, stream1, key0, key1);
    store<u32>(out, word0);
    store<u32>(out, word1, 4);
    store<u32>(out, word2, 8);
    store<u32>(out, word3, 12);
  }
}

/** The uniforms of `blocks` blocks from number low + 2^32 high on: two f64 a block. */
export function fillUniforms(out: usize, low: u32, high: u32, blocks: i32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  let done = 0;
  if (ASC_FEATURE_SIMD) {
    for (; done + 4 <= blocks; done += 4, out += 64) {
      fourBlocks(((<u64>high << 32) | <u64>low) + <u64>done, stream0, stream1, key0, key1);
      storeUniforms(out, lanes0, lanes1, lanes2, lanes3);
      storeUniforms(out + 32, upper(lanes0), upper(lanes1), upper(lanes2), upper(lanes3));
    }
  }
  for (; done < blocks; done++, out += 16) {
    const next = low + done;
    philoxBlock(next, high + <u32>(next < low), stream0, stream1, key0, key1);
    store<f64>(out, uniformOfWords(word0, word1));
    store<f64>(out, uniformOfWords(word2, word3), 8);
  }
}

/** Lanes 2 and 3 moved to 0 and 1. */
// @ts-ignore: decorator
@inline
function upper(x: v128): v128 {
  return v128.shuffle<i32>(x, x, 2, 3, 2, 3);
}
