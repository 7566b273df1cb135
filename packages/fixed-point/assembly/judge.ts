/**
 * The rules of src/solve/run.ts for plain iteration of many problems. State lies in flat arrays; what is under way is in the first rows of
 * the buffers, and row k belongs to problem[k].
 */
@unmanaged
class State {
  atol: f64;
  rtol: f64;
  d: i32;
  euclidean: i32;
  maxIterations: i32;
  /** Of each problem. */
  starts: usize;
  best: usize;
  residuals: usize;
  limits: usize;
  bestIterations: usize;
  steady: usize;
  iterations: usize;
  reasons: usize;
  /** Of each row. */
  problem: usize;
}

/** Reasons, as src/solve/plain-batch.ts lists them; 0 is none. */
const CONVERGED: i32 = 1;
const DIVERGED: i32 = 2;
const MOST_ITERATIONS: i32 = 3;
const STAGNATED: i32 = 4;
const OSCILLATING: i32 = 5;

const ASTRONOMIC: f64 = 1e15;
const PATIENCE: i32 = 200;
const RETURNED: f64 = 1e-12;

/**
 * Judges the first `active` rows after iteration t: `before` holds x_(t-1), `x` x_t, and `f` f(x_t). The last row takes the place of one that has
 * ended, and is judged next.
 *
 * @returns how many rows are left.
 */
export function judgeRows(state: usize, t: i32, active: i32, before: usize, x: usize, f: usize): i32 {
  const s = changetype<State>(state);
  const step = <usize>s.d << 3;
  const euclidean = s.euclidean != 0;
  const last = t >= s.maxIterations;
  for (let k = 0; k < active; ) {
    const place = s.problem + (<usize>k << 2);
    const i: usize = load<i32>(place);
    const at = <usize>k * step;
    const norm = euclidean ? euclideanNorm(f + at, x + at, step) : largestChange(f + at, x + at, step);
    const better = norm < load<f64>(s.residuals + (i << 3));
    let reason = 0;
    if (better) {
      store<f64>(s.residuals + (i << 3), norm);
      store<i32>(s.bestIterations + (i << 2), t);
      copy(s.best + i * step, x + at, step);
      if (norm <= s.atol + s.rtol * (euclidean ? euclideanNorm(f + at, 0, step) : size)) reason = CONVERGED;
    }
    if (reason == 0 && (t == 1 || !better)) reason = judgeSize(s, i, t, norm);
    if (reason == 0 && last) reason = MOST_ITERATIONS;
    if (reason == 0 && !better && t - load<i32>(s.bestIterations + (i << 2)) >= PATIENCE) reason = STAGNATED;
    if (reason == 0) reason = judgeReturn(s, i, t, norm, before + at, f + at);
    if (reason == 0) {
      k++;
      continue;
    }
    store<i32>(s.reasons + (i << 2), reason);
    store<i32>(s.iterations + (i << 2), t);
    active--;
    store<i32>(place, load<i32>(s.problem + (<usize>active << 2)));
    const end = <usize>active * step;
    copy(before + at, before + end, step);
    copy(x + at, x + end, step);
    copy(f + at, f + end, step);
  }
  return active;
}

/** A residual that is astronomic against the first one; a better one than before never is. */
function judgeSize(s: State, i: usize, t: i32, norm: f64): i32 {
  const limit = s.limits + (i << 3);
  if (t == 1) {
    const step = <usize>s.d << 3;
    const start = s.starts + i * step;
    store<f64>(limit, ASTRONOMIC * (norm + (s.euclidean != 0 ? euclideanNorm(start, 0, step) : largest(start, 0, step))));
  }
  return norm < Infinity && norm > load<f64>(limit) ? DIVERGED : 0;
}

/** A return to where the orbit was two steps before, three times in a row; or no number. */
// @ts-ignore: decorator
@inline
function judgeReturn(s: State, i: usize, t: i32, norm: f64, before: usize, f: usize): i32 {
  const within = RETURNED * norm;
  // The first coordinate settles it as a rule.
  if (t > 1 && abs(load<f64>(f) - load<f64>(before)) <= within) {
    const steady = s.steady + (i << 2);
    const count = isNear(f, before, <usize>s.d << 3, within) ? load<i32>(steady) + 1 : 0;
    store<i32>(steady, count);
    if (count == 3) return OSCILLATING;
  } else store<i32>(s.steady + (i << 2), 0);
  return norm == Infinity ? DIVERGED : 0;
}

/** The largest entry of f at the last call of `largestChange`, where that was no NaN. */
let size: f64 = 0;

/**
 * The largest entry of f - x, and of f in `size`; Infinity where f - x has a NaN. The sum is for that: `pmax` is one instruction but passes over NaN, and sizes
 * do not cancel.
 */
// @ts-ignore: decorator
@inline
function largestChange(f: usize, x: usize, step: usize): f64 {
  let most: f64 = 0;
  let total: f64 = 0;
  let widest: f64 = 0;
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    let changes = f64x2.splat(0), sum = changes, sizes = changes;
    for (; at + 16 <= step; at += 16) {
      const value = v128.load(f + at);
      const change = f64x2.abs(f64x2.sub(value, v128.load(x + at)));
      changes = f64x2.pmax(changes, change);
      sum = f64x2.add(sum, change);
      sizes = f64x2.pmax(sizes, f64x2.abs(value));
    }
    most = larger(f64x2.extract_lane(changes, 0), f64x2.extract_lane(changes, 1));
    widest = larger(f64x2.extract_lane(sizes, 0), f64x2.extract_lane(sizes, 1));
    total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  }
  for (; at < step; at += 8) {
    const change = abs(load<f64>(f + at) - load<f64>(x + at));
    most = larger(most, change);
    total += change;
    widest = larger(widest, abs(load<f64>(f + at)));
  }
  size = widest;
  return total == total ? most : Infinity;
}

// @ts-ignore: decorator
@inline
function larger(a: f64, b: f64): f64 {
  return a < b ? b : a;
}

/** The largest entry of f - x, or of f where x is 0; Infinity where one is NaN. */
function largest(f: usize, x: usize, step: usize): f64 {
  let most: f64 = 0;
  for (let at: usize = 0; at < step; at += 8) most = max(most, abs(difference(f, x, at)));
  return most == most ? most : Infinity;
}

/** Scaled where the squares would overflow or vanish, as in src/solve/vectors.ts. */
function euclideanNorm(f: usize, x: usize, step: usize): f64 {
  let square: f64 = 0;
  for (let at: usize = 0; at < step; at += 8) {
    const entry = difference(f, x, at);
    square += entry * entry;
  }
  if (square > 1e-280 && square < 1e280) return sqrt(square);
  const scale = largest(f, x, step);
  if (scale == 0 || scale == Infinity) return scale;
  let sum: f64 = 0;
  for (let at: usize = 0; at < step; at += 8) {
    const entry = difference(f, x, at) / scale;
    sum += entry * entry;
  }
  return scale * sqrt(sum);
}

// @ts-ignore: decorator
@inline
function difference(f: usize, x: usize, at: usize): f64 {
  return x == 0 ? load<f64>(f + at) : load<f64>(f + at) - load<f64>(x + at);
}

/** Whether all entries are the same to `within`. */
function isNear(f: usize, before: usize, step: usize, within: f64): bool {
  for (let at: usize = 0; at < step; at += 8) {
    if (!(abs(load<f64>(f + at) - load<f64>(before + at)) <= within)) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function copy(to: usize, from: usize, bytes: usize): void {
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
  for (; at < bytes; at += 8) store<f64>(to + at, load<f64>(from + at));
}
