/**
 * OSNAP: column i of the m x n sketch S has s entries +-1 (the caller scales by 1 / sqrt s), one in each of s equal groups of
 * rows, hence in distinct rows. Entry t is drawn from half of a Philox block, so that column i depends on (key, stream, i, s, m)
 * alone. CountSketch is s = 1. src/sketch/osnap.ts computes the same entries in TypeScript.
 */
import { allocate, mark, release } from '../arena';
import { fillWords, mulHigh, uniformOfWords } from '../random/philox';
import { addSigned, addSignedToFour } from './rows';

/** Columns whose entries are drawn at a time. */
const CHUNK: i32 = 64;

/** Bytes of the words of a chunk; its codes follow them. */
function wordBytes(s: i32): usize {
  return <usize>(((s + 1) >> 1) * CHUNK) << 4;
}

/** Codes 2 row + (1 where negative) of the s entries of each of columns first, ..., first + count - 1, behind the words in `scratch`. */
function draw(first: u32, count: i32, s: i32, m: i32, stream0: u32, stream1: u32, key0: u32, key1: u32, scratch: usize): usize {
  const blocks: u32 = (s + 1) >> 1;
  fillWords(scratch, first * blocks, mulHigh(first, blocks), count * blocks, stream0, stream1, key0, key1);
  const codes = scratch + wordBytes(s);
  for (let t = 0; t < s; t++) {
    // Products of two i32 are exact in f64 below 2^53, and their rounded quotient does not reach the next whole number.
    const start = <i32>((<f64>t * <f64>m) / <f64>s);
    const size = <f64>(<i32>((<f64>(t + 1) * <f64>m) / <f64>s) - start);
    let word = scratch + (<usize>t << 3);
    let code = codes + (<usize>t << 2);
    for (let i = 0; i < count; i++, word += <usize>blocks << 4, code += <usize>s << 2) {
      const second = load<u32>(word, 4);
      // The uniform does not use the lowest bit of its second word.
      store<i32>(code, ((start + <i32>(uniformOfWords(load<u32>(word), second) * size)) << 1) | (second & 1));
    }
  }
  return codes;
}

/**
 * out (m x d) += S[:, first .. first + rows) A for `rows` rows of A at a. With `indptr` they are in compressed form: row i has the
 * entries indptr[i] .. indptr[i + 1] - 1 of a and indices, counted from indptr[0].
 */
export function osnap(
  rows: i32, d: i32, a: usize, indptr: usize, indices: usize, first: i32,
  s: i32, m: i32, stream0: u32, stream1: u32, key0: u32, key1: u32, out: usize,
): void {
  const width = <usize>d << 3;
  const top = mark();
  const scratch = allocate(wordBytes(s) + (<usize>(s * CHUNK) << 2));
  for (let i = 0; i < rows; i += CHUNK) {
    const count = min(CHUNK, rows - i);
    let code = draw(first + i, count, s, m, stream0, stream1, key0, key1, scratch);
    for (let j = 0; j < count; j++) {
      let t = 0;
      if (ASC_FEATURE_SIMD && indptr == 0) for (; t + 4 <= s; t += 4, code += 16) addSignedToFour(d, a, code, out);
      const entries = indptr == 0 ? 0 : load<i32>(indptr, 4) - load<i32>(indptr);
      for (; t < s; t++, code += 4) {
        const c = load<i32>(code);
        const row = out + <usize>(c >> 1) * width;
        if (indptr == 0) addSigned(d, (c & 1) != 0, a, row);
        for (let p = 0; p < entries; p++) {
          const at = row + (<usize>load<i32>(indices + (<usize>p << 2)) << 3);
          const x = load<f64>(a + (<usize>p << 3));
          store<f64>(at, (c & 1) != 0 ? load<f64>(at) - x : load<f64>(at) + x);
        }
      }
      if (indptr == 0) {
        a += width;
      } else {
        indptr += 4;
        indices += <usize>entries << 2;
        a += <usize>entries << 3;
      }
    }
  }
  release(top);
}
