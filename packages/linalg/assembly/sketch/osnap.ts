/**
 * OSNAP: column i of the m x n sketch S has s entries +-1 (the caller scales by 1 / sqrt s), one in each of s equal groups of
 * rows, hence in distinct rows. Entry t is drawn from half of a Philox block, so that column i depends on (key, stream, i, s, m)
 * alone. CountSketch is s = 1. src/sketch/osnap.ts computes the same entries in TypeScript.
 */
import { mulHigh, philoxBlock, uniformOfWords, word0, word1, word2, word3 } from '../random/philox';
import { addSigned, addSignedTwice } from './rows';

let target: i32 = 0;
let negative: bool = false;

/** The row and the sign of entry t of column i. Entries 2u and 2u + 1 share a block, so they are to be drawn in turn. */
function draw(i: u32, t: i32, s: i32, m: i32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  let first = word2;
  let second = word3;
  if ((t & 1) == 0) {
    const blocks: u32 = (s + 1) >> 1;
    const before = i * blocks;
    const low = before + (t >> 1);
    philoxBlock(low, mulHigh(i, blocks) + <u32>(low < before), stream0, stream1, key0, key1);
    first = word0;
    second = word1;
  }
  // Products of two i32 are exact in f64 below 2^53, and their rounded quotient does not reach the next whole number.
  const start = <i32>((<f64>t * <f64>m) / <f64>s);
  const end = <i32>((<f64>(t + 1) * <f64>m) / <f64>s);
  target = start + <i32>(uniformOfWords(first, second) * <f64>(end - start));
  // The uniform does not use the lowest bit of its second word.
  negative = (second & 1) != 0;
}

/** out (m x d) += S[:, first .. first + rows) A for `rows` rows of A at a. */
export function osnap(rows: i32, d: i32, a: usize, first: i32, s: i32, m: i32, stream0: u32, stream1: u32, key0: u32, key1: u32, out: usize): void {
  const width = <usize>d << 3;
  for (let i = 0; i < rows; i++, a += width) {
    for (let t = 0; t < s; t += 2) {
      draw(first + i, t, s, m, stream0, stream1, key0, key1);
      const to = out + <usize>target * width;
      const flip = negative;
      if (t + 1 < s) {
        draw(first + i, t + 1, s, m, stream0, stream1, key0, key1);
        addSignedTwice(d, a, flip, to, negative, out + <usize>target * width);
      } else {
        addSigned(d, flip, a, to);
      }
    }
  }
}

/** The same for rows in compressed form: row i has the entries indptr[i] .. indptr[i + 1] - 1, counted from indptr[0]. */
export function osnapSparse(
  rows: i32, d: i32, indptr: usize, indices: usize, data: usize, first: i32,
  s: i32, m: i32, stream0: u32, stream1: u32, key0: u32, key1: u32, out: usize,
): void {
  const width = <usize>d << 3;
  const origin = load<i32>(indptr);
  for (let i = 0; i < rows; i++, indptr += 4) {
    const from = load<i32>(indptr) - origin;
    const to = load<i32>(indptr, 4) - origin;
    for (let t = 0; t < s; t++) {
      draw(first + i, t, s, m, stream0, stream1, key0, key1);
      const row = out + <usize>target * width;
      for (let p = from; p < to; p++) {
        const at = row + (<usize>load<i32>(indices + (<usize>p << 2)) << 3);
        const x = load<f64>(data + (<usize>p << 3));
        store<f64>(at, negative ? load<f64>(at) - x : load<f64>(at) + x);
      }
    }
  }
}
