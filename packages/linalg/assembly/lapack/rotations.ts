/**
 * Plane rotations of neighbouring columns, the work of the QR iterations, kept back and applied in batches.
 *
 * The m x n matrix is held in strips of STRIP rows, each transposed: element (column j, row i of the strip) of a strip is
 * at j * STRIP + i. A batch of sweeps passes over one strip while it stays in cache; within a sweep the column that two
 * rotations share stays in registers.
 *
 * Rotations are applied as fast ones (Gentleman 1973): columns are held as x_j = d_j y_j, and with d' = c d the rotation
 * of (x_j, x_j+1) to (c x_j + s x_j+1, c x_j+1 - s x_j) is y_j + a y_j+1 and y_j+1 - b y_j, a = s d_j+1 / d'_j and
 * b = s d_j / d'_j+1: two multiplications instead of four. The d are multiplied in at the end of a batch.
 *
 * A record (RECORD bytes at `store`) describes it:
 *   0 strips  4 m  8 n  12 ledger  16 used  20 capacity  24 scales d
 * The ledger holds sweeps: (first column, number of rotations, direction) as three i32 and one of padding, then (c, s)
 * pairs in the order in which they apply. A sweep forward (W) rotates columns (first, first + 1), (first + 1, first + 2),
 * ...; a sweep backward (-W) rotates (first, first - 1), (first - 1, first - 2), ...
 */
import { allocate } from '../arena';
import { entry, fill, scale, W } from './vector';

/** Rows of a strip: so many chains hide the latency of a rotation. */
const STRIP: i32 = 12;
const LINE: usize = 96;
const RECORD: usize = 32;
const PAIR: usize = 16;
/** Sweeps of full length that the ledger holds before they are applied. */
const BATCH: i32 = 24;
/** A cosine below this is taken as this, a change far below rounding, so that a d shrinks by no more in one rotation. */
const LEAST_COSINE: f64 = 8.673617379884035e-19; // 2^-60
/** A d below this ends a batch. Two more rotations follow at most. */
const LEAST_SCALE: f64 = 4.909093465297727e-91; // 2^-300

/** Strips of the m x n row-major matrix x. */
export function openRotations(m: i32, n: i32, x: usize, ldx: i32): usize {
  const record = allocate(RECORD);
  const count = (m + STRIP - 1) / STRIP;
  let strips = allocate(<usize>count * <usize>n * LINE);
  const capacity = <usize>BATCH * (<usize>n + 1) * PAIR;
  store<usize>(record, strips);
  store<i32>(record, m, 4);
  store<i32>(record, n, 8);
  store<usize>(record, allocate(capacity), 12);
  store<usize>(record, 0, 16);
  store<usize>(record, capacity, 20);
  store<usize>(record, allocate(<usize>n * W), 24);
  for (let first = 0; first < m; first += STRIP) {
    for (let j = 0; j < n; j++) {
      for (let i = first; i < first + STRIP; i++, strips += W) store<f64>(strips, i < m ? load<f64>(entry(x, ldx, i, j)) : 0);
    }
  }
  return record;
}

/** Applies what is left and writes column order[j] of the result, times sign[j] where `sign` is not 0, to column j of x. */
export function closeRotations(record: usize, x: usize, ldx: i32, order: usize, sign: usize): void {
  flush(record);
  let strips = load<usize>(record);
  const m = load<i32>(record, 4);
  const n = load<i32>(record, 8);
  for (let first = 0; first < m; first += STRIP, strips += <usize>n * LINE) {
    for (let j = 0; j < n; j++) {
      const from = load<i32>(order + (<usize>j << 2));
      const factor = sign == 0 ? 1 : load<f64>(sign + <usize>from * W);
      const column = strips + <usize>from * LINE;
      for (let i = first; i < min(first + STRIP, m); i++) store<f64>(entry(x, ldx, i, j), factor * load<f64>(column + <usize>(i - first) * W));
    }
  }
}

/** Begins a sweep of `count` rotations; returns where its first (c, s) pair goes, the next ones following. */
export function beginSweep(record: usize, first: i32, count: i32, direction: usize): usize {
  const bytes = (<usize>count + 1) * PAIR;
  if (load<usize>(record, 16) + bytes > load<usize>(record, 20)) flush(record);
  const used = load<usize>(record, 16);
  const sweep = load<usize>(record, 12) + used;
  store<i32>(sweep, first);
  store<i32>(sweep, count, 4);
  store<usize>(sweep, direction, 8);
  store<usize>(record, used + bytes, 16);
  return sweep + PAIR;
}

function flush(record: usize): void {
  const strips = load<usize>(record);
  const n = load<i32>(record, 8);
  const end = strips + <usize>((load<i32>(record, 4) + STRIP - 1) / STRIP) * <usize>n * LINE;
  const ledger = load<usize>(record, 12);
  const ledgerEnd = ledger + load<usize>(record, 16);
  const scales = load<usize>(record, 24);
  let batch = ledger;
  while (batch < ledgerEnd) {
    fill(n, 1, scales);
    const batchEnd = toFast(batch, ledgerEnd, scales);
    for (let strip = strips; strip < end; strip += <usize>n * LINE) {
      let sweep = batch;
      while (sweep < batchEnd) {
        const column = strip + <usize>load<i32>(sweep) * LINE;
        const pairs = sweep + PAIR;
        sweep = pairs + <usize>load<i32>(pairs - PAIR, 4) * PAIR;
        const right = load<i32>(pairs - PAIR, 8) > 0;
        if (!ASC_FEATURE_SIMD) rotateLines(column, right ? LINE : -LINE, pairs, sweep);
        else if (right) forward(column, pairs, sweep);
        else backward(column, pairs, sweep);
      }
      for (let j = 0; j < n; j++) scale(STRIP, load<f64>(scales + <usize>j * W), strip + <usize>j * LINE);
    }
    batch = batchEnd;
  }
  store<usize>(record, 0, 16);
}

/** Replaces pairs (c, s) by (a, b), sweep by sweep, until `end` or until a d has become small; returns where it stopped. */
function toFast(sweep: usize, end: usize, scales: usize): usize {
  let least: f64 = 1;
  while (sweep < end && least > LEAST_SCALE) {
    const step = load<usize>(sweep, 8);
    let d = scales + <usize>load<i32>(sweep) * W;
    let pair = sweep + PAIR;
    sweep = pair + <usize>load<i32>(sweep, 4) * PAIR;
    // p is the column that the next rotation shares, q the new one.
    let p = load<f64>(d);
    for (; pair < sweep; pair += PAIR, d += step) {
      const q = load<f64>(d + step);
      const c = max(load<f64>(pair), LEAST_COSINE);
      // Backwards, the columns of a rotation are swapped.
      const s = step == W ? load<f64>(pair, 8) : -load<f64>(pair, 8);
      const pNew = c * p;
      const qNew = c * q;
      const pOverQ = (s * p) / qNew;
      const qOverP = (s * q) / pNew;
      store<f64>(pair, step == W ? qOverP : pOverQ);
      store<f64>(pair, step == W ? pOverQ : qOverP, 8);
      store<f64>(d, pNew);
      least = min(least, pNew);
      p = qNew;
    }
    store<f64>(d, p);
    least = min(least, p);
  }
  return sweep;
}

/** x is the first column of the sweep; it moves to the right. */
function forward(x: usize, pair: usize, end: usize): void {
  let x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48), x4 = v128.load(x, 64), x5 = v128.load(x, 80);
  for (; pair < end; pair += PAIR, x += LINE) {
    const a = v128.load64_splat(pair);
    const b = v128.load64_splat(pair, 8);
    const y0 = v128.load(x, 96);
    v128.store(x, f64x2.add(x0, f64x2.mul(a, y0)));
    x0 = f64x2.sub(y0, f64x2.mul(b, x0));
    const y1 = v128.load(x, 112);
    v128.store(x, f64x2.add(x1, f64x2.mul(a, y1)), 16);
    x1 = f64x2.sub(y1, f64x2.mul(b, x1));
    const y2 = v128.load(x, 128);
    v128.store(x, f64x2.add(x2, f64x2.mul(a, y2)), 32);
    x2 = f64x2.sub(y2, f64x2.mul(b, x2));
    const y3 = v128.load(x, 144);
    v128.store(x, f64x2.add(x3, f64x2.mul(a, y3)), 48);
    x3 = f64x2.sub(y3, f64x2.mul(b, x3));
    const y4 = v128.load(x, 160);
    v128.store(x, f64x2.add(x4, f64x2.mul(a, y4)), 64);
    x4 = f64x2.sub(y4, f64x2.mul(b, x4));
    const y5 = v128.load(x, 176);
    v128.store(x, f64x2.add(x5, f64x2.mul(a, y5)), 80);
    x5 = f64x2.sub(y5, f64x2.mul(b, x5));
  }
  v128.store(x, x0);
  v128.store(x, x1, 16);
  v128.store(x, x2, 32);
  v128.store(x, x3, 48);
  v128.store(x, x4, 64);
  v128.store(x, x5, 80);
}

/** x is the last column of the sweep; it moves to the left. */
function backward(x: usize, pair: usize, end: usize): void {
  let y0 = v128.load(x), y1 = v128.load(x, 16), y2 = v128.load(x, 32), y3 = v128.load(x, 48), y4 = v128.load(x, 64), y5 = v128.load(x, 80);
  for (; pair < end; pair += PAIR) {
    const a = v128.load64_splat(pair);
    const b = v128.load64_splat(pair, 8);
    const left = x - LINE;
    const x0 = v128.load(left);
    v128.store(x, f64x2.sub(y0, f64x2.mul(b, x0)));
    y0 = f64x2.add(x0, f64x2.mul(a, y0));
    const x1 = v128.load(left, 16);
    v128.store(x, f64x2.sub(y1, f64x2.mul(b, x1)), 16);
    y1 = f64x2.add(x1, f64x2.mul(a, y1));
    const x2 = v128.load(left, 32);
    v128.store(x, f64x2.sub(y2, f64x2.mul(b, x2)), 32);
    y2 = f64x2.add(x2, f64x2.mul(a, y2));
    const x3 = v128.load(left, 48);
    v128.store(x, f64x2.sub(y3, f64x2.mul(b, x3)), 48);
    y3 = f64x2.add(x3, f64x2.mul(a, y3));
    const x4 = v128.load(left, 64);
    v128.store(x, f64x2.sub(y4, f64x2.mul(b, x4)), 64);
    y4 = f64x2.add(x4, f64x2.mul(a, y4));
    const x5 = v128.load(left, 80);
    v128.store(x, f64x2.sub(y5, f64x2.mul(b, x5)), 80);
    y5 = f64x2.add(x5, f64x2.mul(a, y5));
    x = left;
  }
  v128.store(x, y0);
  v128.store(x, y1, 16);
  v128.store(x, y2, 32);
  v128.store(x, y3, 48);
  v128.store(x, y4, 64);
  v128.store(x, y5, 80);
}

/** Either sweep, in steps of `step` bytes. */
function rotateLines(x: usize, step: usize, pair: usize, end: usize): void {
  for (; pair < end; pair += PAIR, x += step) {
    const a = load<f64>(pair);
    const b = load<f64>(pair, 8);
    let left = step == LINE ? x : x - LINE;
    const columnEnd = left + LINE;
    for (; left < columnEnd; left += W) {
      const y = load<f64>(left);
      const next = load<f64>(left, LINE);
      store<f64>(left, y + a * next);
      store<f64>(left, next - b * y, LINE);
    }
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
