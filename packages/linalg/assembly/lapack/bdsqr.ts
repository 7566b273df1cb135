/**
 * Singular values of an upper bidiagonal matrix by the implicit zero-shift QR iteration (Demmel and Kahan 1990, in the
 * arrangement of LAPACK's dbdsqr): every singular value, however small, to nearly full relative accuracy. Blocks are
 * chased from their larger end. Rotations go to stores (see ./rotations) when there are any.
 */
import { beginSweep, cosine, givens, sine } from './rotations';
import { W } from './vector';

const EPSILON: f64 = 1.1102230246251565e-16; // 2^-53
const SMALLEST: f64 = 5e-324; // 2^-1074
/** Relative accuracy asked for: 2^-53 times max(10, min(100, eps^(-1/8))), as in dbdsqr. */
const TOLERANCE: f64 = 98.701 * EPSILON;
/** Sweeps allowed are SWEEPS n: each singular value needs about two. */
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
 * d (n) becomes the singular values, unsorted and with signs that belong to the columns of V; e (n - 1) is destroyed.
 * `right` and `left` are 0 or stores of the matrices whose columns V and U rotate. Returns 0, or the number of entries of
 * e that did not vanish.
 */
export function bdsqr(n: i32, d: usize, e: usize, right: usize, left: usize): i32 {
  if (n < 2) return 0;
  const threshold = threshold0(n, d, e);
  let budget: i32 = SWEEPS * n;
  let last = n - 1;
  // The direction is kept while the same block is worked on: a block chased both ways in turn may not converge.
  let oldFirst = -1, oldLast = -1;
  let down = true;
  while (last > 0) {
    let first = last;
    let largest = Math.abs(get(d, last));
    while (first > 0) {
      const off = Math.abs(get(e, first - 1));
      if (off <= threshold) {
        set(e, first - 1, 0);
        break;
      }
      first--;
      largest = max(largest, max(Math.abs(get(d, first)), off));
    }
    if (first == last) {
      last--;
      continue;
    }
    if (first > oldLast || last < oldFirst || oldFirst < 0) down = Math.abs(get(d, first)) >= Math.abs(get(d, last));
    oldFirst = first;
    oldLast = last;
    const smallest = down ? deflateDown(first, last, d, e) : deflateUp(first, last, d, e);
    if (smallest < 0) continue;
    if (budget-- == 0) return unfinished(n, e);
    const shift = chooseShift(n, first, last, down, smallest, largest, d, e);
    const rightPair: usize = right == 0 ? 0 : beginSweep(right, down ? first : last, last - first, down ? 1 : -1);
    const leftPair: usize = left == 0 ? 0 : beginSweep(left, down ? first : last, last - first, down ? 1 : -1);
    if (shift == 0) {
      if (down) zeroShiftDown(first, last, d, e, rightPair, leftPair);
      else zeroShiftUp(first, last, d, e, rightPair, leftPair);
    } else {
      if (down) shiftedDown(first, last, shift, d, e, rightPair, leftPair);
      else shiftedUp(first, last, shift, d, e, rightPair, leftPair);
    }
    const end = down ? last - 1 : first;
    if (Math.abs(get(e, end)) <= threshold) set(e, end, 0);
  }
  return 0;
}

function unfinished(n: i32, e: usize): i32 {
  let count = 0;
  for (let i = 0; i < n - 1; i++) if (get(e, i) != 0) count++;
  return count;
}

/** An off-diagonal entry below this is zero: tolerance times a lower bound for the smallest singular value. */
function threshold0(n: i32, d: usize, e: usize): f64 {
  let mu = Math.abs(get(d, 0));
  let smallest = mu;
  for (let i = 1; i < n && smallest > 0; i++) {
    mu = Math.abs(get(d, i)) * (mu / (mu + Math.abs(get(e, i - 1))));
    smallest = min(smallest, mu);
  }
  return max((TOLERANCE * smallest) / Math.sqrt(<f64>n), <f64>SWEEPS * <f64>n * SMALLEST);
}

/** Looks for an entry that the criteria of Demmel and Kahan let vanish: -1 if so, else a bound for the smallest singular value. */
function deflateDown(first: i32, last: i32, d: usize, e: usize): f64 {
  if (Math.abs(get(e, last - 1)) <= TOLERANCE * Math.abs(get(d, last))) {
    set(e, last - 1, 0);
    return -1;
  }
  let mu = Math.abs(get(d, first));
  let smallest = mu;
  for (let i = first; i < last; i++) {
    const off = Math.abs(get(e, i));
    if (off <= TOLERANCE * mu) {
      set(e, i, 0);
      return -1;
    }
    mu = Math.abs(get(d, i + 1)) * (mu / (mu + off));
    smallest = min(smallest, mu);
  }
  return smallest;
}

function deflateUp(first: i32, last: i32, d: usize, e: usize): f64 {
  if (Math.abs(get(e, first)) <= TOLERANCE * Math.abs(get(d, first))) {
    set(e, first, 0);
    return -1;
  }
  let mu = Math.abs(get(d, last));
  let smallest = mu;
  for (let i = last - 1; i >= first; i--) {
    const off = Math.abs(get(e, i));
    if (off <= TOLERANCE * mu) {
      set(e, i, 0);
      return -1;
    }
    mu = Math.abs(get(d, i)) * (mu / (mu + off));
    smallest = min(smallest, mu);
  }
  return smallest;
}

/** The smaller singular value of the 2 x 2 block at the end that converges; 0 where a shift would cost relative accuracy. */
function chooseShift(n: i32, first: i32, last: i32, down: bool, smallest: f64, largest: f64, d: usize, e: usize): f64 {
  if (<f64>n * TOLERANCE * (smallest / largest) <= max(EPSILON, 0.01 * TOLERANCE)) return 0;
  const start = Math.abs(get(d, down ? first : last));
  const at = down ? last - 1 : first;
  const shift = smallerOfTwo(get(d, at), get(e, at), get(d, at + 1));
  const ratio = shift / start;
  return start > 0 && ratio * ratio < EPSILON ? 0 : shift;
}

/** The smaller singular value of [f g; 0 h], without overflow (LAPACK's dlas2). */
function smallerOfTwo(f: f64, g: f64, h: f64): f64 {
  const fa = Math.abs(f), ga = Math.abs(g), ha = Math.abs(h);
  const low = min(fa, ha);
  const high = max(fa, ha);
  if (low == 0) return 0;
  const as = 1 + low / high;
  const at = (high - low) / high;
  if (ga < high) {
    const au = (ga / high) * (ga / high);
    return low * (2 / (Math.sqrt(as * as + au) + Math.sqrt(at * at + au)));
  }
  const au = high / ga;
  if (au == 0) return (low * high) / ga;
  const sum = Math.sqrt(1 + as * au * (as * au)) + Math.sqrt(1 + at * au * (at * au));
  return 2 * (low * (1 / sum) * au);
}

// @ts-ignore: decorator
@inline
function record(pair: usize, index: i32, c: f64, s: f64): void {
  if (pair == 0) return;
  store<f64>(pair + (<usize>index << 4), c);
  store<f64>(pair + (<usize>index << 4), s, 8);
}

function zeroShiftDown(first: i32, last: i32, d: usize, e: usize, right: usize, left: usize): void {
  let c: f64 = 1, oldC: f64 = 1, oldS: f64 = 0;
  for (let i = first; i < last; i++) {
    const r = givens(get(d, i) * c, get(e, i));
    c = cosine;
    const s = sine;
    if (i > first) set(e, i - 1, oldS * r);
    set(d, i, givens(oldC * r, get(d, i + 1) * s));
    oldC = cosine;
    oldS = sine;
    record(right, i - first, c, s);
    record(left, i - first, oldC, oldS);
  }
  const h = get(d, last) * c;
  set(d, last, h * oldC);
  set(e, last - 1, h * oldS);
}

function zeroShiftUp(first: i32, last: i32, d: usize, e: usize, right: usize, left: usize): void {
  let c: f64 = 1, oldC: f64 = 1, oldS: f64 = 0;
  for (let i = last; i > first; i--) {
    const r = givens(get(d, i) * c, get(e, i - 1));
    c = cosine;
    const s = sine;
    if (i < last) set(e, i, oldS * r);
    set(d, i, givens(oldC * r, get(d, i - 1) * s));
    oldC = cosine;
    oldS = sine;
    record(left, last - i, c, -s);
    record(right, last - i, oldC, -oldS);
  }
  const h = get(d, first) * c;
  set(d, first, h * oldC);
  set(e, first, h * oldS);
}

/** (|d| - shift)(sign d + shift / d): the first column of B^T B - shift^2 I, scaled. */
// @ts-ignore: decorator
@inline
function bulge(d: f64, shift: f64): f64 {
  return (Math.abs(d) - shift) * ((d < 0 ? -1 : 1) + shift / d);
}

function shiftedDown(first: i32, last: i32, shift: f64, d: usize, e: usize, right: usize, left: usize): void {
  let f = bulge(get(d, first), shift);
  let g = get(e, first);
  for (let i = first; i < last; i++) {
    const r = givens(f, g);
    const cr = cosine, sr = sine;
    if (i > first) set(e, i - 1, r);
    f = cr * get(d, i) + sr * get(e, i);
    set(e, i, cr * get(e, i) - sr * get(d, i));
    g = sr * get(d, i + 1);
    set(d, i + 1, cr * get(d, i + 1));
    set(d, i, givens(f, g));
    const cl = cosine, sl = sine;
    f = cl * get(e, i) + sl * get(d, i + 1);
    set(d, i + 1, cl * get(d, i + 1) - sl * get(e, i));
    if (i < last - 1) {
      g = sl * get(e, i + 1);
      set(e, i + 1, cl * get(e, i + 1));
    }
    record(right, i - first, cr, sr);
    record(left, i - first, cl, sl);
  }
  set(e, last - 1, f);
}

function shiftedUp(first: i32, last: i32, shift: f64, d: usize, e: usize, right: usize, left: usize): void {
  let f = bulge(get(d, last), shift);
  let g = get(e, last - 1);
  for (let i = last; i > first; i--) {
    const r = givens(f, g);
    const cr = cosine, sr = sine;
    if (i < last) set(e, i, r);
    f = cr * get(d, i) + sr * get(e, i - 1);
    set(e, i - 1, cr * get(e, i - 1) - sr * get(d, i));
    g = sr * get(d, i - 1);
    set(d, i - 1, cr * get(d, i - 1));
    set(d, i, givens(f, g));
    const cl = cosine, sl = sine;
    f = cl * get(e, i - 1) + sl * get(d, i - 1);
    set(d, i - 1, cl * get(d, i - 1) - sl * get(e, i - 1));
    if (i > first + 1) {
      g = sl * get(e, i - 2);
      set(e, i - 2, cl * get(e, i - 2));
    }
    record(left, last - i, cr, -sr);
    record(right, last - i, cl, -sl);
  }
  set(e, first, f);
}
