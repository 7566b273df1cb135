/**
 * Eigenvalues of a symmetric tridiagonal matrix by the implicit QL and QR iterations with Wilkinson's shift (Bowdler,
 * Martin, Reinsch and Wilkinson 1968, in the arrangement of LAPACK's dsteqr): a block is chased from its smaller end,
 * which keeps graded matrices accurate. Rotations go to a store (see ./rotations) when there is one.
 */
import { hypot } from './reflector';
import { beginSweep, cosine, givens, STEP, sine } from './rotations';
import { W } from './vector';

const EPSILON: f64 = 1.1102230246251565e-16; // 2^-53
/** 2^-922: two entries of e whose squares are larger, divided by a shift below 2^100, do not vanish, and so bear the shift on. */
const SMALLEST: f64 = 2.8206162122887962e-278;
/** Sweeps allowed for one eigenvalue, on average. */
const SWEEPS: i32 = 30;

// @ts-ignore: decorator
@inline
function get(x: usize, i: i32): f64 {
  return load<f64>(x + <usize>i * W);
}

// @ts-ignore: decorator
@inline
function set(x: usize, i: i32, value: f64): void {
  store<f64>(x + <usize>i * W, value);
}

/**
 * d (n) becomes the eigenvalues, unsorted; e (n - 1) is destroyed. `rotations` is 0 or the store of the matrix whose
 * columns are to be rotated. Returns 0, or the number of off-diagonal entries that did not vanish.
 */
export function steqr(n: i32, d: usize, e: usize, rotations: usize): i32 {
  let budget = SWEEPS * n;
  let start = 0;
  while (start < n) {
    // The block start ... end ends where an off-diagonal entry is negligible.
    let end = start;
    while (end < n - 1 && !negligible(d + <usize>end * W, e + <usize>end * W)) end++;
    if (end < n - 1) set(e, end, 0);
    if (end == start) {
      start++;
      continue;
    }
    const down = Math.abs(get(d, end)) < Math.abs(get(d, start));
    budget = chase(end - start, down ? -W : W, down ? end : start, d, e, rotations, budget);
    if (budget < 0) return unfinished(n, e);
    start = end + 1;
  }
  return 0;
}

/** The number of entries of e (n - 1) that are not 0. */
export function unfinished(n: i32, e: usize): i32 {
  let count = 0;
  for (let i = 0; i < n - 1; i++) if (get(e, i) != 0) count++;
  return count;
}

/** Whether the entry of e may vanish between those of d at `d` and behind. */
function negligible(d: usize, e: usize): bool {
  const off = Math.abs(load<f64>(e));
  return off * off <= EPSILON * EPSILON * Math.abs(load<f64>(d)) * Math.abs(load<f64>(d, 8)) + SMALLEST;
}

/**
 * Eigenvalues appear at entry `head` of d and go on from there, in `count` steps of W bytes (QL) or of -W (QR, the mirror image).
 * Returns the sweeps left, or -1.
 */
function chase(count: i32, step: usize, head: i32, d: usize, e: usize, rotations: usize, budget: i32): i32 {
  let x = d + <usize>head * W;
  // From an entry of e to the one of d with the same index.
  const toD = d - e;
  let y = step == W ? x - toD : x - toD - W;
  for (; count > 0; count--, x += step, y += step) {
    for (;;) {
      let m = 0;
      let top = y;
      for (; m < count && !negligible(top + toD, top); m++) top += step;
      if (m < count) store<f64>(top, 0);
      if (m == 0) break;
      if (budget-- == 0) return -1;
      const p0 = load<f64>(x);
      const off = load<f64>(y);
      let g = (load<f64>(x + step) - p0) / (2 * off);
      const root = hypot(g, 1);
      let i = x + <usize>m * step;
      g = load<f64>(i) - p0 + off / (g + (g < 0 ? -root : root));
      let s: f64 = 1, c: f64 = 1, p: f64 = 0;
      let pair: usize = rotations == 0 ? 0 : beginSweep(rotations, <i32>(i - d) >> 3, m, -step);
      let j = top - step;
      while (i != x) {
        const f = s * load<f64>(j);
        const b = c * load<f64>(j);
        const r = givens(g, f);
        c = cosine;
        s = sine;
        if (j + step != top) store<f64>(j + step, r);
        j -= step;
        g = load<f64>(i) - p;
        const t = (load<f64>(i - step) - g) * s + 2 * c * b;
        p = s * t;
        store<f64>(i, g + p);
        i -= step;
        g = c * t - b;
        if (pair != 0) {
          store<f64>(pair, c);
          store<f64>(pair, s, 8);
          pair += STEP;
        }
      }
      store<f64>(x, load<f64>(x) - p);
      store<f64>(y, g);
    }
  }
  return budget;
}
