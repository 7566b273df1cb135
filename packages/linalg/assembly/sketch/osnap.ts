/**
 * OSNAP: column i of the m x n sketch S has s entries +-1 (the caller scales by 1 / sqrt s), one in each of s equal groups of
 * rows, hence in distinct rows. Entry t is drawn from half of a Philox block, so that column i depends on (key, stream, i, s, m)
 * alone. CountSketch is s = 1. src/sketch/osnap.ts computes the same entries in TypeScript.
 */
import { philoxBlock, uniformOfWords, word0, word1, word2, word3 } from '../random/philox';
import { addSigned, addSignedTwice } from './rows';

let target: i32 = 0;
let negative: bool = false;

/** The row and the sign of entry t of a column, from its pair of words. */
// @ts-ignore: decorator
@inline
function place(t: i32, s: i32, m: i32, first: u32, second: u32): void {
  const start = <i32>((<u64>t * <u64>m) / <u64>s);
  const end = <i32>((<u64>(t + 1) * <u64>m) / <u64>s);
  target = start + <i32>(uniformOfWords(first, second) * <f64>(end - start));
  // The uniform does not use the lowest bit of its second word.
  negative = (second & 1) != 0;
}

/** out (m x d) += S[:, first .. first + rows) A for `rows` rows of A at a. */
export function osnap(rows: i32, d: i32, a: usize, first: i32, s: i32, m: i32, stream0: u32, stream1: u32, key0: u32, key1: u32, out: usize): void {
  const width = <usize>d << 3;
  const blocks = <u64>((s + 1) >> 1);
  for (let i = 0; i < rows; i++, a += width) {
    const base = <u64>(first + i) * blocks;
    for (let t = 0; t < s; t += 2) {
      philoxBlock(base + <u64>(t >> 1), stream0, stream1, key0, key1);
      place(t, s, m, word0, word1);
      const to = out + <usize>target * width;
      const flip = negative;
      if (t + 1 < s) {
        place(t + 1, s, m, word2, word3);
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
  const blocks = <u64>((s + 1) >> 1);
  const origin = load<i32>(indptr);
  for (let i = 0; i < rows; i++, indptr += 4) {
    const from = load<i32>(indptr) - origin;
    const to = load<i32>(indptr, 4) - origin;
    const base = <u64>(first + i) * blocks;
    for (let t = 0; t < s; t++) {
      if ((t & 1) == 0) {
        philoxBlock(base + <u64>(t >> 1), stream0, stream1, key0, key1);
        place(t, s, m, word0, word1);
      } else {
        place(t, s, m, word2, word3);
      }
      const row = out + <usize>target * width;
      for (let p = from; p < to; p++) {
        const at = row + (<usize>load<i32>(indices + (<usize>p << 2)) << 3);
        const x = load<f64>(data + (<usize>p << 3));
        store<f64>(at, negative ? load<f64>(at) - x : load<f64>(at) + x);
      }
    }
  }
}
