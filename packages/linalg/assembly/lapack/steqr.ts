/**
 * Eigenvalues of a symmetric tridiagonal matrix by the implicit QL and QR iterations with Wilkinson's shift (Bowdler,
 * Martin, Reinsch and Wilkinson 1968, in the arrangement of LAPACK's dsteqr): a block is chased from its smaller end,
 * which keeps graded matrices accurate. Rotations go to a store (see ./rotations) when there is one.
 */
import { hypot } from './reflector';
import { beginSweep, cosine, givens, sine } from './rotations';
import { W } from './vector';

const EPSILON: f64 = 1.1102230246251565e-16; // 2^-53
const SMALLEST: f64 = 2.2250738585072014e-308; // 2^-1022
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
    while (end < n - 1 && !negligible(end, d, e)) end++;
    if (end < n - 1) set(e, end, 0);
    if (end == start) {
      start++;
      continue;
    }
    const next = end + 1;
    const left = Math.abs(get(d, end)) < Math.abs(get(d, start)) ? chaseDown(start, end, d, e, rotations, budget) : chaseUp(start, end, d, e, rotations, budget);
    if (left < 0) return unfinished(n, e);
    budget = left;
    start = next;
  }
  return 0;
}

function unfinished(n: i32, e: usize): i32 {
  let count = 0;
  for (let i = 0; i < n - 1; i++) if (get(e, i) != 0) count++;
  return count;
}

function negligible(i: i32, d: usize, e: usize): bool {
  const off = Math.abs(get(e, i));
  return off * off <= EPSILON * EPSILON * Math.abs(get(d, i)) * Math.abs(get(d, i + 1)) + SMALLEST;
}

/** QL: eigenvalues appear at the upper end. Returns the sweeps left, or -1. */
function chaseUp(first: i32, last: i32, d: usize, e: usize, rotations: usize, budget: i32): i32 {
  while (first <= last) {
    let m = first;
    while (m < last && !negligible(m, d, e)) m++;
    if (m < last) set(e, m, 0);
    if (m == first) {
      first++;
      continue;
    }
    if (budget-- == 0) return -1;
    const p0 = get(d, first);
    const off = get(e, first);
    let g = (get(d, first + 1) - p0) / (2 * off);
    const root = hypot(g, 1);
    g = get(d, m) - p0 + off / (g + (g < 0 ? -root : root));
    let s: f64 = 1, c: f64 = 1, p: f64 = 0;
    let pair: usize = rotations == 0 ? 0 : beginSweep(rotations, m, m - first, -1);
    for (let i = m - 1; i >= first; i--) {
      const f = s * get(e, i);
      const b = c * get(e, i);
      const r = givens(g, f);
      c = cosine;
      s = sine;
      if (i != m - 1) set(e, i + 1, r);
      g = get(d, i + 1) - p;
      const t = (get(d, i) - g) * s + 2 * c * b;
      p = s * t;
      set(d, i + 1, g + p);
      g = c * t - b;
      if (pair != 0) {
        store<f64>(pair, c);
        store<f64>(pair, -s, 8);
        pair += 16;
      }
    }
    set(d, first, get(d, first) - p);
    set(e, first, g);
  }
  return budget;
}

/** QR, the mirror image: eigenvalues appear at the lower end. */
function chaseDown(first: i32, last: i32, d: usize, e: usize, rotations: usize, budget: i32): i32 {
  while (last >= first) {
    let m = last;
    while (m > first && !negligible(m - 1, d, e)) m--;
    if (m > first) set(e, m - 1, 0);
    if (m == last) {
      last--;
      continue;
    }
    if (budget-- == 0) return -1;
    const p0 = get(d, last);
    const off = get(e, last - 1);
    let g = (get(d, last - 1) - p0) / (2 * off);
    const root = hypot(g, 1);
    g = get(d, m) - p0 + off / (g + (g < 0 ? -root : root));
    let s: f64 = 1, c: f64 = 1, p: f64 = 0;
    let pair: usize = rotations == 0 ? 0 : beginSweep(rotations, m, last - m, 1);
    for (let i = m; i < last; i++) {
      const f = s * get(e, i);
      const b = c * get(e, i);
      const r = givens(g, f);
      c = cosine;
      s = sine;
      if (i != m) set(e, i - 1, r);
      g = get(d, i) - p;
      const t = (get(d, i + 1) - g) * s + 2 * c * b;
      p = s * t;
      set(d, i, g + p);
      g = c * t - b;
      if (pair != 0) {
        store<f64>(pair, c);
        store<f64>(pair, s, 8);
        pair += 16;
      }
    }
    set(d, last, get(d, last) - p);
    set(e, last - 1, g);
  }
  return budget;
}
