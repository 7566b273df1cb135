/** Sparse rows in compressed form: row i has the entries indptr[i] .. indptr[i + 1] - 1, counted from indptr[0]. */
import { fill } from '../lapack/vector';

/** out (rows x r) = the sparse rows times z (row-major, r columns). */
export function dcsrmm(rows: i32, indptr: usize, indices: usize, data: usize, r: i32, z: usize, out: usize): void {
  const width = <usize>r << 3;
  fill(rows * r, 0, out);
  const origin = load<i32>(indptr);
  for (let i = 0; i < rows; i++, indptr += 4, out += width) {
    const to = load<i32>(indptr, 4) - origin;
    for (let p = load<i32>(indptr) - origin; p < to; p++) {
      const x = load<f64>(data + (<usize>p << 3));
      const row = z + <usize>load<i32>(indices + (<usize>p << 2)) * width;
      let j: usize = 0;
      if (ASC_FEATURE_SIMD) {
        const factor = f64x2.splat(x);
        for (; j + 16 <= width; j += 16) v128.store(out + j, f64x2.add(v128.load(out + j), f64x2.mul(factor, v128.load(row + j))));
      }
      for (; j < width; j += 8) store<f64>(out + j, load<f64>(out + j) + x * load<f64>(row + j));
    }
  }
}
