import { rowsTimes } from '../../linalg/assembly/lapack/vector';

/** slack <- A x - b for the m rows of a row-major block. */
export function slackRows(m: i32, d: i32, a: usize, x: usize, b: usize, slack: usize): void {
  rowsTimes(m, d, a, d, x, slack);
  for (const end = slack + (<usize>m << 3); slack < end; slack += 8, b += 8) store<f64>(slack, load<f64>(slack) - load<f64>(b));
}

/** factors <- 1 / slack, m even. */
export function invert(m: i32, slack: usize, factors: usize): void {
  for (const end = slack + (<usize>m << 3); slack < end; slack += 16, factors += 16) {
    if (ASC_FEATURE_SIMD) {
      v128.store(factors, f64x2.div(f64x2.splat(1), v128.load(slack)));
    } else {
      store<f64>(factors, 1 / load<f64>(slack));
      store<f64>(factors, 1 / load<f64>(slack, 8), 8);
    }
  }
}
