/**
 * y <- alpha A x + beta y, A m x n with strides in elements, x and y contiguous. beta = 0 overwrites y without reading it.
 * NaN and infinities propagate.
 *
 * Each entry of A x is a `dot` in a fixed order, unless the columns of A are contiguous and its rows are not: then columns are
 * added one after the other, and the error bound has n in the place of depth(n).
 */
import { axpy } from './axpy';
import { dot } from './dot';

export function gemv<T>(m: i32, n: i32, alpha: T, a: usize, aRow: i32, aCol: i32, x: usize, beta: T, y: usize): void {
  if (aRow == 1 && aCol != 1) byColumns<T>(m, n, alpha, a, aCol, x, beta, y);
  else byRows<T>(m, n, alpha, a, aRow, aCol, x, beta, y);
}

function byRows<T>(m: i32, n: i32, alpha: T, a: usize, aRow: i32, aCol: i32, x: usize, beta: T, y: usize): void {
  for (let i = 0; i < m; i++) {
    const product = alpha * dot<T>(n, a, <usize>aCol * sizeof<T>(), x, sizeof<T>());
    store<T>(y, beta == <T>0 ? product : product + beta * load<T>(y));
    a += <usize>aRow * sizeof<T>();
    y += sizeof<T>();
  }
}

function byColumns<T>(m: i32, n: i32, alpha: T, a: usize, aCol: i32, x: usize, beta: T, y: usize): void {
  for (let at: usize = 0; at < <usize>m * sizeof<T>(); at += sizeof<T>()) {
    store<T>(y + at, beta == <T>0 ? <T>0 : beta * load<T>(y + at));
  }
  for (let j = 0; j < n; j++) {
    axpy<T>(m, alpha * load<T>(x), a, y);
    a += <usize>aCol * sizeof<T>();
    x += sizeof<T>();
  }
}
