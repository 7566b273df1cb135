/**
 * Plane rotations of neighbouring columns, the work of the QR iterations, kept back and applied in batches.
 *
 * The m x n matrix is held in strips of STRIP rows, each transposed: element (column j, row i of the strip) of a strip is
 * at j * STRIP + i, one cache line a column. A batch of sweeps passes over one strip while it stays in cache; within a
 * sweep the column that two rotations share stays in registers.
 *
 * A record (RECORD bytes at `store`) describes it:
 *   0 strips  4 m  8 n  12 ledger  16 used  20 capacity
 * The ledger holds sweeps: (first column, number of rotations, direction) as three i32 and one of padding, then (c, s)
 * pairs in the order in which they apply. A sweep forward (+1) rotates columns (first, first + 1), (first + 1, first + 2),
 * ...; a sweep backward (-1) rotates (first - 1, first), (first - 2, first - 1), ...
 * A rotation maps columns (x_j, x_j+1) to (c x_j + s x_j+1, c x_j+1 - s x_j).
 */
import { allocate } from '../arena';
import { entry, W } from './vector';

/** Rows of a strip: a cache line. */
const STRIP: i32 = 8;
const LINE: usize = 64;
const RECORD: usize = 32;
const PAIR: usize = 16;
/** Sweeps of full length that the ledger holds before they are applied. */
const BATCH: i32 = 24;

/** Strips of the m x n row-major matrix x. */
export function openRotations(m: i32, n: i32, x: usize, ldx: i32): usize {
  const record = allocate(RECORD);
  const count = (m + STRIP - 1) / STRIP;
  const strips = allocate(<usize>count * <usize>n * LINE);
  const capacity = <usize>BATCH * (<usize>n + 1) * PAIR;
  store<usize>(record, strips);
  store<i32>(record, m, 4);
  store<i32>(record, n, 8);
  store<usize>(record, allocate(capacity), 12);
  store<usize>(record, 0, 16);
  store<usize>(record, capacity, 20);
  for (let i = 0; i < count * STRIP; i++) {
    const strip = strips + <usize>(i / STRIP) * <usize>n * LINE + <usize>(i % STRIP) * W;
    for (let j = 0; j < n; j++) store<f64>(strip + <usize>j * LINE, i < m ? load<f64>(entry(x, ldx, i, j)) : 0);
  }
  return record;
}

/** Applies what is left and writes column order[j] of the result, times sign[j] where `sign` is not 0, to column j of x. */
export function closeRotations(record: usize, x: usize, ldx: i32, order: usize, sign: usize): void {
  flush(record);
  const strips = load<usize>(record);
  const m = load<i32>(record, 4);
  const n = load<i32>(record, 8);
  for (let i = 0; i < m; i++) {
    const strip = strips + <usize>(i / STRIP) * <usize>n * LINE + <usize>(i % STRIP) * W;
    for (let j = 0; j < n; j++) {
      const from = load<i32>(order + (<usize>j << 2));
      const value = load<f64>(strip + <usize>from * LINE);
      store<f64>(entry(x, ldx, i, j), sign == 0 ? value : value * load<f64>(sign + <usize>from * W));
    }
  }
}

/** Begins a sweep of `count` rotations; returns where its first (c, s) pair goes, the next ones following. */
export function beginSweep(record: usize, first: i32, count: i32, direction: i32): usize {
  const bytes = (<usize>count + 1) * PAIR;
  if (load<usize>(record, 16) + bytes > load<usize>(record, 20)) flush(record);
  const used = load<usize>(record, 16);
  const sweep = load<usize>(record, 12) + used;
  store<i32>(sweep, first);
  store<i32>(sweep, count, 4);
  store<i32>(sweep, direction, 8);
  store<usize>(record, used + bytes, 16);
  return sweep + PAIR;
}

function flush(record: usize): void {
  const strips = load<usize>(record);
  const count = (load<i32>(record, 4) + STRIP - 1) / STRIP;
  const stripBytes = <usize>load<i32>(record, 8) * LINE;
  const ledger = load<usize>(record, 12);
  const end = ledger + load<usize>(record, 16);
  for (let i = 0; i < count; i++) {
    let sweep = ledger;
    while (sweep < end) {
      const rotations = load<i32>(sweep, 4);
      const column = strips + <usize>i * stripBytes + <usize>load<i32>(sweep) * LINE;
      const pairs = sweep + PAIR;
      sweep = pairs + <usize>rotations * PAIR;
      if (load<i32>(pairs - PAIR, 8) > 0) forward(column, pairs, sweep);
      else backward(column, pairs, sweep);
    }
  }
  store<usize>(record, 0, 16);
}

function forward(x: usize, pair: usize, end: usize): void {
  if (ASC_FEATURE_SIMD) {
    let x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    for (; pair < end; pair += PAIR, x += LINE) {
      const c = v128.load64_splat(pair);
      const s = v128.load64_splat(pair, 8);
      const y0 = v128.load(x, 64);
      v128.store(x, f64x2.add(f64x2.mul(c, x0), f64x2.mul(s, y0)));
      x0 = f64x2.sub(f64x2.mul(c, y0), f64x2.mul(s, x0));
      const y1 = v128.load(x, 80);
      v128.store(x, f64x2.add(f64x2.mul(c, x1), f64x2.mul(s, y1)), 16);
      x1 = f64x2.sub(f64x2.mul(c, y1), f64x2.mul(s, x1));
      const y2 = v128.load(x, 96);
      v128.store(x, f64x2.add(f64x2.mul(c, x2), f64x2.mul(s, y2)), 32);
      x2 = f64x2.sub(f64x2.mul(c, y2), f64x2.mul(s, x2));
      const y3 = v128.load(x, 112);
      v128.store(x, f64x2.add(f64x2.mul(c, x3), f64x2.mul(s, y3)), 48);
      x3 = f64x2.sub(f64x2.mul(c, y3), f64x2.mul(s, x3));
    }
    v128.store(x, x0);
    v128.store(x, x1, 16);
    v128.store(x, x2, 32);
    v128.store(x, x3, 48);
  } else {
    for (; pair < end; pair += PAIR, x += LINE) rotateLines(x, load<f64>(pair), load<f64>(pair, 8));
  }
}

/** x is the last column of the sweep; it moves to the left. */
function backward(x: usize, pair: usize, end: usize): void {
  if (ASC_FEATURE_SIMD) {
    let y0 = v128.load(x), y1 = v128.load(x, 16), y2 = v128.load(x, 32), y3 = v128.load(x, 48);
    for (; pair < end; pair += PAIR) {
      const c = v128.load64_splat(pair);
      const s = v128.load64_splat(pair, 8);
      const left = x - LINE;
      const x0 = v128.load(left);
      v128.store(x, f64x2.sub(f64x2.mul(c, y0), f64x2.mul(s, x0)));
      y0 = f64x2.add(f64x2.mul(c, x0), f64x2.mul(s, y0));
      const x1 = v128.load(left, 16);
      v128.store(x, f64x2.sub(f64x2.mul(c, y1), f64x2.mul(s, x1)), 16);
      y1 = f64x2.add(f64x2.mul(c, x1), f64x2.mul(s, y1));
      const x2 = v128.load(left, 32);
      v128.store(x, f64x2.sub(f64x2.mul(c, y2), f64x2.mul(s, x2)), 32);
      y2 = f64x2.add(f64x2.mul(c, x2), f64x2.mul(s, y2));
      const x3 = v128.load(left, 48);
      v128.store(x, f64x2.sub(f64x2.mul(c, y3), f64x2.mul(s, x3)), 48);
      y3 = f64x2.add(f64x2.mul(c, x3), f64x2.mul(s, y3));
      x = left;
    }
    v128.store(x, y0);
    v128.store(x, y1, 16);
    v128.store(x, y2, 32);
    v128.store(x, y3, 48);
  } else {
    for (; pair < end; pair += PAIR) {
      x -= LINE;
      rotateLines(x, load<f64>(pair), load<f64>(pair, 8));
    }
  }
}

/** One rotation of the column at x with the next one. */
function rotateLines(x: usize, c: f64, s: f64): void {
  const end = x + LINE;
  for (; x < end; x += W) {
    const left = load<f64>(x);
    const right = load<f64>(x, LINE);
    store<f64>(x, c * left + s * right);
    store<f64>(x, c * right - s * left, LINE);
  }
}

/** Cosine, sine and length of the rotation that `givens` found last. */
export let cosine: f64 = 1;
export let sine: f64 = 0;

/** Finds (c, s) with c f + s g = r and c g - s f = 0, and returns r; leaves c and s in `cosine` and `sine`. */
export function givens(f: f64, g: f64): f64 {
  if (g == 0) {
    cosine = 1;
    sine = 0;
    return f;
  }
  if (f == 0) {
    cosine = 0;
    sine = 1;
    return g;
  }
  let size: f64 = 1;
  let squares = f * f + g * g;
  if (!(squares > 1e-280 && squares < 1e300)) {
    size = max(Math.abs(f), Math.abs(g));
    f /= size;
    g /= size;
    squares = f * f + g * g;
  }
  const r = f < 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  cosine = f / r;
  sine = g / r;
  return r * size;
}
