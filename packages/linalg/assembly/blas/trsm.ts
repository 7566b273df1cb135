/**
 * Triangular systems with many right-hand sides: A X = B (left) or X A = B (right), X overwrites B (m x n). A is upper or
 * lower triangular by its strides (a transpose swaps the strides and the triangle); its other triangle is not read, nor
 * its diagonal when `unit`. A zero on the diagonal divides by zero: the caller looks first where that matters.
 *
 * Recursive halves, so that all but a strip of BASE rows along the diagonal is matrix product.
 */
import { allocate, mark, release } from '../arena';
import { lanes } from './blocking';
import { gemm } from './gemm';
import { pack } from './pack';

/** Rows that are solved by substitution. */
const BASE: i32 = 32;

export function trsm<T>(
  left: bool, upper: bool, unit: bool, m: i32, n: i32,
  a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
): void {
  if (m <= 0 || n <= 0) return;
  // X A = B is A^T X^T = B^T.
  if (left) solve<T>(upper, unit, m, n, a, aRow, aCol, b, bRow, bCol);
  else solve<T>(!upper, unit, n, m, a, aCol, aRow, b, bCol, bRow);
}

function solve<T>(upper: bool, unit: bool, m: i32, n: i32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32): void {
  if (m <= BASE) {
    substitute<T>(upper, unit, m, n, a, aRow, aCol, b, bRow, bCol);
    return;
  }
  const h = max(m / 2 / BASE, 1) * BASE;
  const a22 = a + <usize>(h * (aRow + aCol)) * sizeof<T>();
  const b2 = b + <usize>(h * bRow) * sizeof<T>();
  if (upper) {
    const a12 = a + <usize>(h * aCol) * sizeof<T>();
    solve<T>(true, unit, m - h, n, a22, aRow, aCol, b2, bRow, bCol);
    gemm<T>(h, n, m - h, <T>-1, a12, aRow, aCol, b2, bRow, bCol, <T>1, b, bRow, bCol);
    solve<T>(true, unit, h, n, a, aRow, aCol, b, bRow, bCol);
  } else {
    const a21 = a + <usize>(h * aRow) * sizeof<T>();
    solve<T>(false, unit, h, n, a, aRow, aCol, b, bRow, bCol);
    gemm<T>(m - h, n, h, <T>-1, a21, aRow, aCol, b, bRow, bCol, <T>1, b2, bRow, bCol);
    solve<T>(false, unit, m - h, n, a22, aRow, aCol, b2, bRow, bCol);
  }
}

/** Columns of B that one pass solves together: four vectors. */
// @ts-ignore: decorator
@inline
function stripCols<T>(): i32 {
  return 4 * lanes<T>();
}

/** At most BASE rows: strips of B are packed, solved in place and copied back. */
function substitute<T>(upper: bool, unit: bool, m: i32, n: i32, a: usize, aRow: i32, aCol: i32, b: usize, bRow: i32, bCol: i32): void {
  if (upper) {
    // Rows and columns taken backwards make it lower triangular; addresses wrap, so negative strides are fine.
    a += <usize>((m - 1) * (aRow + aCol)) * sizeof<T>();
    b += <usize>((m - 1) * bRow) * sizeof<T>();
    aRow = -aRow;
    aCol = -aCol;
    bRow = -bRow;
  }
  const top = mark();
  const strip = allocate(<usize>(m * stripCols<T>()) * sizeof<T>());
  for (let j = 0; j < n; j += stripCols<T>()) {
    const cols = min(n - j, stripCols<T>());
    const from = b + <usize>(j * bCol) * sizeof<T>();
    pack<T>(stripCols<T>(), cols, m, from, bCol, bRow, strip);
    solveStrip<T>(unit, m, a, aRow, aCol, strip);
    unpack<T>(m, cols, strip, from, bRow, bCol);
  }
  release(top);
}

/** Forward substitution on one packed strip: x_i = (b_i - a_i0 x_0 - a_i1 x_1 - ...) / a_ii. */
function solveStrip<T>(unit: bool, m: i32, a: usize, aRow: i32, aCol: i32, strip: usize): void {
  const rowBytes = <usize>stripCols<T>() * sizeof<T>();
  const aStep = <usize>aCol * sizeof<T>();
  for (let i = 0; i < m; i++) {
    let at = a + <usize>(i * aRow) * sizeof<T>();
    const row = strip + <usize>i * rowBytes;
    if (ASC_FEATURE_SIMD) {
      let x0 = v128.load(row);
      let x1 = v128.load(row, 16);
      let x2 = v128.load(row, 32);
      let x3 = v128.load(row, 48);
      for (let known = strip; known < row; known += rowBytes) {
        const factor = v128.load_splat<T>(at);
        x0 = v128.sub<T>(x0, v128.mul<T>(factor, v128.load(known)));
        x1 = v128.sub<T>(x1, v128.mul<T>(factor, v128.load(known, 16)));
        x2 = v128.sub<T>(x2, v128.mul<T>(factor, v128.load(known, 32)));
        x3 = v128.sub<T>(x3, v128.mul<T>(factor, v128.load(known, 48)));
        at += aStep;
      }
      const pivot = v128.splat<T>(unit ? <T>1 : load<T>(at));
      v128.store(row, v128.div<T>(x0, pivot));
      v128.store(row, v128.div<T>(x1, pivot), 16);
      v128.store(row, v128.div<T>(x2, pivot), 32);
      v128.store(row, v128.div<T>(x3, pivot), 48);
    } else {
      const pivot = unit ? <T>1 : load<T>(a + <usize>(i * (aRow + aCol)) * sizeof<T>());
      for (let j: usize = 0; j < rowBytes; j += sizeof<T>()) {
        let x = load<T>(row + j);
        let factor = at;
        for (let known = strip; known < row; known += rowBytes) {
          x -= load<T>(factor) * load<T>(known + j);
          factor += aStep;
        }
        store<T>(row + j, x / pivot);
      }
    }
  }
}

/** Copies a solved strip back. */
function unpack<T>(m: i32, cols: i32, strip: usize, to: usize, row: i32, col: i32): void {
  for (let i = 0; i < m; i++) {
    let at = to + <usize>(i * row) * sizeof<T>();
    for (let j = 0; j < cols; j++) {
      store<T>(at, load<T>(strip + <usize>j * sizeof<T>()));
      at += <usize>col * sizeof<T>();
    }
    strip += <usize>stripCols<T>() * sizeof<T>();
  }
}
