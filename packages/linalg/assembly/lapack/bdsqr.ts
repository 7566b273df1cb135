/**
 * Singular values of an upper bidiagonal matrix by the implicit zero-shift QR iteration (Demmel and Kahan 1990, in the
 * arrangement of LAPACK's dbdsqr): every singular value, however small, to nearly full relative accuracy. Blocks are
 * chased from their larger end. Rotations go to stores (see ./rotations) when there are any.
 */
import { beginSweep, cosine, givens, STEP, sine } from './rotations';
import { unfinished } from './steqr';
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
    // The chase begins at `head`; step by step it passes the entries of d and of e.
    const step: usize = down ? W : -W;
    const count = last - first;
    const head = down ? first : last;
    const x = d + <usize>head * W;
    const y = e + <usize>(down ? first : last - 1) * W;
    const smallest = deflate(count, step, x, y);
    if (smallest < 0) continue;
    if (budget-- == 0) return unfinished(n, e);
    const shift = chooseShift(n, count, step, smallest, largest, x, y);
    const rightPair: usize = right == 0 ? 0 : beginSweep(right, head, count, step);
    const leftPair: usize = left == 0 ? 0 : beginSweep(left, head, count, step);
    const pair = down ? rightPair : leftPair;
    const otherPair = down ? leftPair : rightPair;
    if (shift == 0) zeroShift(count, step, x, y, pair, otherPair);
    else shifted(count, step, shift, x, y, pair, otherPair);
    const end = down ? last - 1 : first;
    if (Math.abs(get(e, end)) <= threshold) set(e, end, 0);
  }
  return 0;
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

/**
 * Looks for an entry that the criteria of Demmel and Kahan let vanish: -1 if so, else a bound for the smallest singular value.
 * Here and below, a block of count + 1 entries is passed in steps of W or -W bytes, from the entry of d at x and that of e at y.
 */
function deflate(count: i32, step: usize, x: usize, y: usize): f64 {
  const end = y + <usize>count * step;
  if (Math.abs(load<f64>(end - step)) <= TOLERANCE * Math.abs(load<f64>(x + <usize>count * step))) {
    store<f64>(end - step, 0);
    return -1;
  }
  let mu = Math.abs(load<f64>(x));
  let smallest = mu;
  for (; y != end; y += step) {
    const off = Math.abs(load<f64>(y));
    if (off <= TOLERANCE * mu) {
      store<f64>(y, 0);
      return -1;
    }
    x += step;
    mu = Math.abs(load<f64>(x)) * (mu / (mu + off));
    smallest = min(smallest, mu);
  }
  return smallest;
}

/** The smaller singular value of the 2 x 2 block at the end that converges; 0 where a shift would cost relative accuracy. */
function chooseShift(n: i32, count: i32, step: usize, smallest: f64, largest: f64, x: usize, y: usize): f64 {
  if (<f64>n * TOLERANCE * (smallest / largest) <= max(EPSILON, 0.01 * TOLERANCE)) return 0;
  const start = Math.abs(load<f64>(x));
  const last = <usize>(count - 1) * step;
  const shift = smallerOfTwo(load<f64>(x + last), load<f64>(y + last), load<f64>(x + last + step));
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
function record(pair: usize, c: f64, s: f64): void {
  store<f64>(pair, c);
  store<f64>(pair, s, 8);
}

/** `pair` is where the rotations of the matrix go that is rotated first: V on the way down, U on the way up. */
function zeroShift(count: i32, step: usize, x: usize, y: usize, pair: usize, otherPair: usize): void {
  let c: f64 = 1, oldC: f64 = 1, oldS: f64 = 0;
  for (let at: usize = 0; at < <usize>count * STEP; at += STEP) {
    const r = givens(load<f64>(x) * c, load<f64>(y));
    c = cosine;
    const s = sine;
    if (at > 0) store<f64>(y - step, oldS * r);
    store<f64>(x, givens(oldC * r, load<f64>(x + step) * s));
    oldC = cosine;
    oldS = sine;
    if (pair) record(pair + at, c, s);
    if (otherPair) record(otherPair + at, oldC, oldS);
    x += step;
    y += step;
  }
  const h = load<f64>(x) * c;
  store<f64>(x, h * oldC);
  store<f64>(y - step, h * oldS);
}

/** As `zeroShift`. It begins with (|d| - shift)(sign d + shift / d) and e: the first column of B^T B - shift^2 I, scaled. */
function shifted(count: i32, step: usize, shift: f64, x: usize, y: usize, pair: usize, otherPair: usize): void {
  const d = load<f64>(x);
  let f = (Math.abs(d) - shift) * ((d < 0 ? -1 : 1) + shift / d);
  let g = load<f64>(y);
  const end = <usize>count * STEP;
  for (let at: usize = 0; at < end; at += STEP) {
    const r = givens(f, g);
    const cr = cosine, sr = sine;
    if (at > 0) store<f64>(y - step, r);
    f = cr * load<f64>(x) + sr * load<f64>(y);
    const off = cr * load<f64>(y) - sr * load<f64>(x);
    const next = load<f64>(x + step);
    const diagonal = cr * next;
    store<f64>(x, givens(f, sr * next));
    const cl = cosine, sl = sine;
    f = cl * off + sl * diagonal;
    x += step;
    store<f64>(x, cl * diagonal - sl * off);
    y += step;
    if (at + STEP < end) {
      g = sl * load<f64>(y);
      store<f64>(y, cl * load<f64>(y));
    }
    if (pair) record(pair + at, cr, sr);
    if (otherPair) record(otherPair + at, cl, sl);
  }
  store<f64>(y - step, f);
}
