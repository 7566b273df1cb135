/**
 * Philox4x32-10 (Salmon et al., SC11) by blocks of four 32-bit words. Block b of a stream has the counter (b, stream), 64 bits
 * each, low word first. The SIMD code runs four blocks in the four lanes; integers make both codes agree trivially.
 */

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
const ROUNDS: i32 = 10;

/** One block, number low + 2^32 high. */
function philoxBlock(out: usize, low: u32, high: u32, stream0: u32, stream1: u32, k0: u32, k1: u32): void {
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
  store<u32>(out, c0);
  store<u32>(out, c1, 4);
  store<u32>(out, c2, 8);
  store<u32>(out, c3, 12);
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

/** The words of `blocks` blocks from number low + 2^32 high on: 16 bytes a block. */
export function fillWords(out: usize, low: u32, high: u32, blocks: i32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  let done = 0;
  if (ASC_FEATURE_SIMD) {
    const multiplier0 = i32x4.splat(MULTIPLIER_0);
    const multiplier1 = i32x4.splat(MULTIPLIER_1);
    for (; done + 4 <= blocks; done += 4, out += 64) {
      const number = ((<u64>high << 32) | <u64>low) + <u64>done;
      let c0 = i32x4(<i32>number, <i32>(number + 1), <i32>(number + 2), <i32>(number + 3));
      let c1 = i32x4(<i32>(number >>> 32), <i32>((number + 1) >>> 32), <i32>((number + 2) >>> 32), <i32>((number + 3) >>> 32));
      let c2 = i32x4.splat(stream0);
      let c3 = i32x4.splat(stream1);
      let k0 = key0;
      let k1 = key1;
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
      const a = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
      const b = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
      const c = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
      const d = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
      v128.store(out, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(out, v128.shuffle<i64>(a, b, 1, 3), 16);
      v128.store(out, v128.shuffle<i64>(c, d, 0, 2), 32);
      v128.store(out, v128.shuffle<i64>(c, d, 1, 3), 48);
    }
  }
  for (; done < blocks; done++, out += 16) {
    const next = low + done;
    philoxBlock(out, next, high + <u32>(next < low), stream0, stream1, key0, key1);
  }
}

/** Blocks whose words are made before they become uniforms in their place, in the first-level cache. */
const CHUNK: i32 = 64;

/** The uniforms of `blocks` blocks from number low + 2^32 high on: two f64 a block. */
export function fillUniforms(out: usize, low: u32, high: u32, blocks: i32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  for (let done = 0; done < blocks; done += CHUNK) {
    const next = low + done;
    const count = min(CHUNK, blocks - done);
    fillWords(out, next, high + <u32>(next < low), count, stream0, stream1, key0, key1);
    for (let i = 0; i < count; i++, out += 16) {
      if (ASC_FEATURE_SIMD) {
        const words = v128.load(out);
        const first = f64x2.convert_low_i32x4_u(i32x4.shr_u(v128.shuffle<i32>(words, words, 0, 2, 0, 2), 5));
        const second = f64x2.convert_low_i32x4_u(i32x4.shr_u(v128.shuffle<i32>(words, words, 1, 3, 1, 3), 6));
        const whole = f64x2.add(f64x2.mul(first, f64x2.splat(67108864.0)), second);
        v128.store(out, f64x2.mul(whole, f64x2.splat(1.1102230246251565e-16)));
      } else {
        const second = uniformOfWords(load<u32>(out, 8), load<u32>(out, 12));
        store<f64>(out, uniformOfWords(load<u32>(out), load<u32>(out, 4)));
        store<f64>(out, second, 8);
      }
    }
  }
}
