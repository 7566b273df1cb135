/**
 * G = U^T U in place on the upper triangle of a d x d row-major matrix; what is below the diagonal is neither read nor written. linalg's
 * factorisation is for large matrices; at d = 50 one that takes four pivots at a time through the rows in place is twice as fast.
 *
 * Every entry loses the multiples of the pivot rows in their order, so vectors and scalars give the same bits.
 */
import { lanes } from '../../../linalg/assembly/blas/blocking';
import { count } from '../operations';

/** Pivots whose rows pass over the rest together. */
const BLOCK: i32 = 4;

/** Returns false where a pivot is not positive. */
export function upperCholesky<T>(d: i32, U: usize): bool {
  return upperTrapezoid<T>(d, d, U);
}

/** The same for the first d rows of a matrix that has `width` columns, which are rows of `width` entries here. */
export function upperTrapezoid<T>(d: i32, width: i32, U: usize): bool {
  const row = <usize>width * sizeof<T>();
  for (let k = 0; k < d; k += BLOCK) {
    const count = min(BLOCK, d - k);
    const pivots = U + <usize>k * row;
    for (let q = 0; q < count; q++) {
      const r = k + q;
      const at = pivots + <usize>q * row + <usize>r * sizeof<T>();
      for (let s = 0; s < q; s++) {
        const above = pivots + <usize>s * row + <usize>r * sizeof<T>();
        subtract<T>(width - r, load<T>(above), above, at);
      }
      const pivot = load<T>(at);
      if (!(pivot > 0)) return false;
      const root = sqrt<T>(pivot);
      store<T>(at, root);
      scale<T>(width - r - 1, <T>1 / root, at + sizeof<T>());
    }
    if (count < BLOCK) break;
    let i = k + BLOCK;
    for (; i + 1 < d; i += 2) {
      const x = pivots + <usize>i * sizeof<T>();
      const y = U + <usize>i * row + <usize>i * sizeof<T>();
      subtractFour<T>(1, x, row, x, y);
      subtractFourTwice<T>(width - i - 1, x, row, y + sizeof<T>(), y + row + sizeof<T>());
    }
    if (i < d) {
      const x = pivots + <usize>i * sizeof<T>();
      subtractFour<T>(width - i, x, row, x, U + <usize>i * row + <usize>i * sizeof<T>());
    }
  }
  return true;
}

/** y <- y - alpha x. */
export function subtract<T>(n: i32, alpha: T, x: usize, y: usize): void {
  count(n);
  const end = x + <usize>n * sizeof<T>();
  if (ASC_FEATURE_SIMD) {
    const factor = v128.splat<T>(alpha);
    for (; x + 16 <= end; x += 16, y += 16) v128.store(y, v128.sub<T>(v128.load(y), v128.mul<T>(factor, v128.load(x))));
  }
  for (; x < end; x += sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(y) - alpha * load<T>(x));
}

/** x <- alpha x. */
export function scale<T>(n: i32, alpha: T, x: usize): void {
  const end = x + <usize>n * sizeof<T>();
  if (ASC_FEATURE_SIMD) {
    const factor = v128.splat<T>(alpha);
    for (; x + 16 <= end; x += 16) v128.store(x, v128.mul<T>(factor, v128.load(x)));
  }
  for (; x < end; x += sizeof<T>()) store<T>(x, load<T>(x) * alpha);
}

/** y <- y - f_0 x_0 - ... - f_3 x_3 for four rows x_q at x + q row, with the factors f_q at f + q row. */
export function subtractFour<T>(n: i32, f: usize, row: usize, x: usize, y: usize): void {
  count(4 * n);
  let i: usize = 0;
  if (ASC_FEATURE_SIMD) {
    const a0 = v128.splat<T>(load<T>(f)), a1 = v128.splat<T>(load<T>(f + row));
    const a2 = v128.splat<T>(load<T>(f + 2 * row)), a3 = v128.splat<T>(load<T>(f + 3 * row));
    for (; i + 16 <= <usize>n * sizeof<T>(); i += 16) {
      let sum = v128.sub<T>(v128.load(y + i), v128.mul<T>(a0, v128.load(x + i)));
      sum = v128.sub<T>(sum, v128.mul<T>(a1, v128.load(x + row + i)));
      sum = v128.sub<T>(sum, v128.mul<T>(a2, v128.load(x + 2 * row + i)));
      v128.store(y + i, v128.sub<T>(sum, v128.mul<T>(a3, v128.load(x + 3 * row + i))));
    }
  }
  for (; i < <usize>n * sizeof<T>(); i += sizeof<T>()) {
    let sum = load<T>(y + i);
    sum -= load<T>(f) * load<T>(x + i);
    sum -= load<T>(f + row) * load<T>(x + row + i);
    sum -= load<T>(f + 2 * row) * load<T>(x + 2 * row + i);
    sum -= load<T>(f + 3 * row) * load<T>(x + 3 * row + i);
    store<T>(y + i, sum);
  }
}

/** The same for two rows y and z, with factors at f and the place after it; the x begin at that place too. */
export function subtractFourTwice<T>(n: i32, f: usize, row: usize, y: usize, z: usize): void {
  const multiplications = 8 * n;
  let x0 = f + sizeof<T>();
  if (ASC_FEATURE_SIMD) {
    const a0 = v128.splat<T>(load<T>(f)), b0 = v128.splat<T>(load<T>(x0));
    const a1 = v128.splat<T>(load<T>(f + row)), b1 = v128.splat<T>(load<T>(x0 + row));
    const a2 = v128.splat<T>(load<T>(f + 2 * row)), b2 = v128.splat<T>(load<T>(x0 + 2 * row));
    const a3 = v128.splat<T>(load<T>(f + 3 * row)), b3 = v128.splat<T>(load<T>(x0 + 3 * row));
    let x2 = x0 + 2 * row;
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      let v = v128.load(x0);
      let u = v128.sub<T>(v128.load(y), v128.mul<T>(a0, v));
      let w = v128.sub<T>(v128.load(z), v128.mul<T>(b0, v));
      v = v128.load(x0 + row);
      u = v128.sub<T>(u, v128.mul<T>(a1, v));
      w = v128.sub<T>(w, v128.mul<T>(b1, v));
      v = v128.load(x2);
      u = v128.sub<T>(u, v128.mul<T>(a2, v));
      w = v128.sub<T>(w, v128.mul<T>(b2, v));
      v = v128.load(x2 + row);
      v128.store(y, v128.sub<T>(u, v128.mul<T>(a3, v)));
      v128.store(z, v128.sub<T>(w, v128.mul<T>(b3, v)));
      x0 += 16;
      x2 += 16;
      y += 16;
      z += 16;
    }
  }
  count(multiplications - 8 * n);
  if (n > 0) {
    subtractFour<T>(n, f, row, x0, y);
    subtractFour<T>(n, f + sizeof<T>(), row, x0, z);
  }
}
