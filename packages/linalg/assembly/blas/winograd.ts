/**
 * Strassen's product in Winograd's form: a level replaces eight products of halves by seven, and 15 sums. The schedule,
 * with two temporaries a level, is the one of Boyer, Dumas, Pernet and Zhou (2009), table 1, in a product that overwrites C.
 *
 * Contract: `scratch` holds `winogradScratch<T>` bytes and overlaps no operand; with levels > 0 the rows of C are
 * contiguous. Stable by norm only: see src/blas/levels.ts.
 *
 * The core whose sizes are multiples of 2^levels is done by halves; what is peeled off, less than 2^levels rows, columns
 * and summands, is done classically. Allocates nothing, so that a module without an arena can run it.
 */
import { lanes } from './blocking';
import { multiplyOriented, orientedScratch } from './packed';
import { writeScalar } from './tile';

/** Whether the product can be written to C directly. */
// @ts-ignore: decorator
@inline
function overwrites<T>(alpha: T, beta: T): bool {
  return alpha == <T>1 && beta == <T>0;
}

/** What `winograd` needs: the product where it is not written to C directly, two temporaries a level, and classical scratch. */
export function winogradScratch<T>(levels: i32, m: i32, n: i32, k: i32, alpha: T, beta: T): usize {
  let bytes = orientedScratch<T>(m, n, k);
  if (levels > 0 && !overwrites<T>(alpha, beta)) bytes += <usize>(m * n) * sizeof<T>();
  for (let level = 1; level <= levels; level++) {
    const mh = m >> level;
    const nh = n >> level;
    const kh = k >> level;
    bytes += sumsBytes<T>(mh, nh, kh) + <usize>(kh * nh) * sizeof<T>();
  }
  return bytes;
}

/** The first temporary holds sums of quarters of A, then a product. */
function sumsBytes<T>(mh: i32, nh: i32, kh: i32): usize {
  return <usize>(mh * max(kh, nh)) * sizeof<T>();
}

/** C <- alpha A B + beta C with `levels` levels; none is the classical product. */
export function winograd<T>(
  levels: i32, m: i32, n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
  scratch: usize,
): void {
  if (levels == 0) {
    multiplyOriented<T>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol, scratch);
  } else if (overwrites<T>(alpha, beta)) {
    peel<T>(levels, m, n, k, a, aRow, aCol, b, bRow, bCol, c, cRow, scratch);
  } else {
    const product = scratch;
    peel<T>(levels, m, n, k, a, aRow, aCol, b, bRow, bCol, product, n, product + <usize>(m * n) * sizeof<T>());
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        writeScalar<T>(alpha, load<T>(product + <usize>(i * n + j) * sizeof<T>()), beta, c + <usize>(i * cRow + j) * sizeof<T>());
      }
    }
  }
}

/** C <- A B: the core by halves, the rest classically. */
function peel<T>(
  levels: i32, m: i32, n: i32, k: i32,
  a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  c: usize, cRow: i32,
  scratch: usize,
): void {
  const mc = m >> levels << levels;
  const nc = n >> levels << levels;
  const kc = k >> levels << levels;
  halves<T>(levels, mc, nc, kc, a, aRow, aCol, b, bRow, bCol, c, cRow, scratch);
  if (kc < k) {
    const lastA = a + <usize>(kc * aCol) * sizeof<T>();
    const lastB = b + <usize>(kc * bRow) * sizeof<T>();
    multiplyOriented<T>(mc, nc, k - kc, <T>1, lastA, aRow, aCol, lastB, bRow, bCol, <T>1, c, cRow, 1, scratch);
  }
  if (nc < n) {
    const lastB = b + <usize>(nc * bCol) * sizeof<T>();
    multiplyOriented<T>(m, n - nc, k, <T>1, a, aRow, aCol, lastB, bRow, bCol, <T>0, c + <usize>nc * sizeof<T>(), cRow, 1, scratch);
  }
  if (mc < m) {
    const lastA = a + <usize>(mc * aRow) * sizeof<T>();
    multiplyOriented<T>(m - mc, nc, k, <T>1, lastA, aRow, aCol, b, bRow, bCol, <T>0, c + <usize>(mc * cRow) * sizeof<T>(), cRow, 1, scratch);
  }
}

/** One level; m, n and k are multiples of 2^levels. */
function halves<T>(
  levels: i32, m: i32, n: i32, k: i32,
  a11: usize, aRow: i32, aCol: i32,
  b11: usize, bRow: i32, bCol: i32,
  c11: usize, cRow: i32,
  scratch: usize,
): void {
  if (levels == 0 || m == 0 || n == 0 || k == 0) {
    multiplyOriented<T>(m, n, k, <T>1, a11, aRow, aCol, b11, bRow, bCol, <T>0, c11, cRow, 1, scratch);
    return;
  }
  const mh = m >> 1;
  const nh = n >> 1;
  const kh = k >> 1;
  const a12 = a11 + <usize>(kh * aCol) * sizeof<T>();
  const a21 = a11 + <usize>(mh * aRow) * sizeof<T>();
  const a22 = a21 + <usize>(kh * aCol) * sizeof<T>();
  const b12 = b11 + <usize>(nh * bCol) * sizeof<T>();
  const b21 = b11 + <usize>(kh * bRow) * sizeof<T>();
  const b22 = b21 + <usize>(nh * bCol) * sizeof<T>();
  const c12 = c11 + <usize>nh * sizeof<T>();
  const c21 = c11 + <usize>(mh * cRow) * sizeof<T>();
  const c22 = c21 + <usize>nh * sizeof<T>();
  // S and T lie in the order of A and B, so that all sums run along contiguous entries.
  const x = scratch;
  const y = x + sumsBytes<T>(mh, nh, kh);
  const deeper = y + <usize>(kh * nh) * sizeof<T>();
  const sRow = aCol == 1 ? kh : 1, sCol = aCol == 1 ? 1 : mh;
  const tRow = bCol == 1 ? nh : 1, tCol = bCol == 1 ? 1 : kh;
  const down = levels - 1;

  combine<T>(false, mh, kh, a11, aRow, aCol, a21, aRow, aCol, x, sRow, sCol); // S3 = A11 - A21
  combine<T>(false, kh, nh, b22, bRow, bCol, b12, bRow, bCol, y, tRow, tCol); // T3 = B22 - B12
  halves<T>(down, mh, nh, kh, x, sRow, sCol, y, tRow, tCol, c21, cRow, deeper); // P7 = S3 T3
  combine<T>(true, mh, kh, a21, aRow, aCol, a22, aRow, aCol, x, sRow, sCol); // S1 = A21 + A22
  combine<T>(false, kh, nh, b12, bRow, bCol, b11, bRow, bCol, y, tRow, tCol); // T1 = B12 - B11
  halves<T>(down, mh, nh, kh, x, sRow, sCol, y, tRow, tCol, c22, cRow, deeper); // P5 = S1 T1
  combine<T>(false, mh, kh, x, sRow, sCol, a11, aRow, aCol, x, sRow, sCol); // S2 = S1 - A11
  combine<T>(false, kh, nh, b22, bRow, bCol, y, tRow, tCol, y, tRow, tCol); // T2 = B22 - T1
  halves<T>(down, mh, nh, kh, x, sRow, sCol, y, tRow, tCol, c12, cRow, deeper); // P6 = S2 T2
  combine<T>(false, mh, kh, a12, aRow, aCol, x, sRow, sCol, x, sRow, sCol); // S4 = A12 - S2
  halves<T>(down, mh, nh, kh, x, sRow, sCol, b22, bRow, bCol, c11, cRow, deeper); // P3 = S4 B22
  halves<T>(down, mh, nh, kh, a11, aRow, aCol, b11, bRow, bCol, x, nh, deeper); // P1 = A11 B11
  gather<T>(mh, nh, x, c11, c12, c21, c22, cRow);
  combine<T>(false, kh, nh, y, tRow, tCol, b21, bRow, bCol, y, tRow, tCol); // T4 = T2 - B21
  halves<T>(down, mh, nh, kh, a22, aRow, aCol, y, tRow, tCol, c11, cRow, deeper); // P4 = A22 T4
  combine<T>(false, mh, nh, c21, cRow, 1, c11, cRow, 1, c21, cRow, 1); // C21 = U3 - P4
  halves<T>(down, mh, nh, kh, a12, aRow, aCol, b21, bRow, bCol, c11, cRow, deeper); // P2 = A12 B21
  combine<T>(true, mh, nh, x, nh, 1, c11, cRow, 1, c11, cRow, 1); // C11 = P1 + P2
}

/** D <- X + Y or X - Y, rows x cols. D may be X or Y. */
function combine<T>(
  plus: bool, rows: i32, cols: i32,
  x: usize, xRow: i32, xCol: i32,
  y: usize, yRow: i32, yCol: i32,
  d: usize, dRow: i32, dCol: i32,
): void {
  if (dCol != 1) {
    combine<T>(plus, cols, rows, x, xCol, xRow, y, yCol, yRow, d, dCol, dRow);
    return;
  }
  const contiguous = ASC_FEATURE_SIMD && xCol == 1 && yCol == 1;
  for (let i = 0; i < rows; i++) {
    let px = x + <usize>(i * xRow) * sizeof<T>();
    let py = y + <usize>(i * yRow) * sizeof<T>();
    let pd = d + <usize>(i * dRow) * sizeof<T>();
    let j = 0;
    if (contiguous) {
      for (; j <= cols - lanes<T>(); j += lanes<T>()) {
        const vx = v128.load(px);
        const vy = v128.load(py);
        v128.store(pd, plus ? v128.add<T>(vx, vy) : v128.sub<T>(vx, vy));
        px += 16;
        py += 16;
        pd += 16;
      }
    }
    for (; j < cols; j++) {
      store<T>(pd, plus ? load<T>(px) + load<T>(py) : load<T>(px) - load<T>(py));
      px += <usize>xCol * sizeof<T>();
      py += <usize>yCol * sizeof<T>();
      pd += sizeof<T>();
    }
  }
}

/**
 * The sums of products in one pass: U2 = P1 + P6, U3 = U2 + P7, C12 = (U2 + P5) + P3, C22 = P5 + U3; P1 is contiguous in
 * `x`, P3 lies in C11, P6 in C12, P7 in C21, P5 in C22. U3 stays in C21.
 */
function gather<T>(rows: i32, cols: i32, x: usize, c11: usize, c12: usize, c21: usize, c22: usize, cRow: i32): void {
  const gap = <usize>(cRow - cols) * sizeof<T>();
  for (let i = 0; i < rows; i++) {
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      for (; j <= cols - lanes<T>(); j += lanes<T>()) {
        const p5 = v128.load(c22);
        const u2 = v128.add<T>(v128.load(x), v128.load(c12));
        const u3 = v128.add<T>(u2, v128.load(c21));
        v128.store(c12, v128.add<T>(v128.add<T>(u2, p5), v128.load(c11)));
        v128.store(c21, u3);
        v128.store(c22, v128.add<T>(p5, u3));
        x += 16;
        c11 += 16;
        c12 += 16;
        c21 += 16;
        c22 += 16;
      }
    }
    for (; j < cols; j++) {
      const p5 = load<T>(c22);
      const u2 = load<T>(x) + load<T>(c12);
      const u3 = u2 + load<T>(c21);
      store<T>(c12, u2 + p5 + load<T>(c11));
      store<T>(c21, u3);
      store<T>(c22, p5 + u3);
      x += sizeof<T>();
      c11 += sizeof<T>();
      c12 += sizeof<T>();
      c21 += sizeof<T>();
      c22 += sizeof<T>();
    }
    c11 += gap;
    c12 += gap;
    c21 += gap;
    c22 += gap;
  }
}
