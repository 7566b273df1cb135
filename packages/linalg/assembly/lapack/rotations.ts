/**
 * Plane rotations of neighbouring columns, the work of the QR iterations, kept back and applied in batches.
 *
 * The m x n matrix is held in strips of STRIP rows, each transposed: element (column j, row i of the strip) of a strip is
 * at j * STRIP + i. A batch of sweeps passes over one strip while it stays in cache, two sweeps in one pass, the second a
 * column behind the first (Van Zee, van de Geijn, Quintana-Orti 2014): between them columns stay in registers.
 *
 * Rotations are applied as fast ones (Gentleman 1973): columns are held as x_j = d_j y_j, and with d' = c d the rotation
 * of (x_j, x_j+1) to (c x_j + s x_j+1, c x_j+1 - s x_j) is y_j + a y_j+1 and y_j+1 - b y_j, a = s d_j+1 / d'_j and
 * b = s d_j / d'_j+1: two multiplications instead of four. The d are multiplied in at the end of a batch.
 *
 * A record (RECORD bytes at `store`) describes it:
 *   0 strips  4 m  8 n  12 ledger  16 used  20 capacity  24 scales d  28 the last pass while it has room for a second sweep, or 0
 * The ledger holds passes: (first column, number of rotations, direction) of the first sweep as three i32, for the second
 * the address where its rotations begin, or 0, and their number, then STEP bytes for each place of the pass: (c, s) of the first
 * sweep and (c, s) of the second, which is one place late; zeros where there is none. A sweep forward (W) rotates columns
 * (first, first + 1), (first + 1, first + 2), ...; a sweep backward (-W) rotates (first, first - 1), (first - 1, first - 2), ...
 */
import { allocate } from '../arena';
import { entry, fill, scale, W } from './vector';

/** Rows of a strip: two sweeps on so many fill the registers. */
const STRIP: i32 = 8;
const LINE: usize = 64;
const RECORD: usize = 32;
/** Bytes of one place of a pass, and of the head of a pass. */
export const STEP: usize = 32;
/** Passes of full length that the ledger holds before they are applied. */
const BATCH: i32 = 40;
/** A cosine below this is taken as this, a change far below rounding, so that a d shrinks by no more in one rotation. */
const LEAST_COSINE: f64 = 8.673617379884035e-19; // 2^-60
/** A d below this ends a batch. Four more rotations follow at most. */
const LEAST_SCALE: f64 = 4.909093465297727e-91; // 2^-300

/** Strips of the m x n row-major matrix x. */
export function openRotations(m: i32, n: i32, x: usize, ldx: i32): usize {
  const record = allocate(RECORD);
  const count = (m + STRIP - 1) / STRIP;
  // Passes read and write back a column before and a column behind those that they rotate.
  let strips = allocate((<usize>count * <usize>n + 2) * LINE);
  fill(STRIP, 0, strips);
  strips += LINE;
  const capacity = <usize>BATCH * (<usize>n + 1) * STEP;
  store<usize>(record, strips);
  store<i32>(record, m, 4);
  store<i32>(record, n, 8);
  store<usize>(record, allocate(capacity), 12);
  store<usize>(record, 0, 16);
  store<usize>(record, capacity, 20);
  store<usize>(record, allocate(<usize>n * W), 24);
  store<usize>(record, 0, 28);
  for (let first = 0; first < m; first += STRIP) {
    for (let j = 0; j < n; j++) {
      for (let i = first; i < first + STRIP; i++, strips += W) store<f64>(strips, i < m ? load<f64>(entry(x, ldx, i, j)) : 0);
    }
  }
  fill(STRIP, 0, strips);
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

/** Begins a sweep of `count` rotations; returns where its first (c, s) pair goes, the next ones following STEP bytes apart. */
export function beginSweep(record: usize, first: i32, count: i32, direction: usize): usize {
  let pass = load<usize>(record, 28);
  if (pass != 0) {
    // The second sweep of the pass, where it lies within the first.
    store<usize>(record, 0, 28);
    const skipped = direction == W ? first - load<i32>(pass) : load<i32>(pass) - first;
    if (load<usize>(pass, 8) == direction && skipped >= 0 && skipped + count <= load<i32>(pass, 4)) {
      const pair = pass + <usize>(skipped + 2) * STEP + 16;
      store<usize>(pass, pair, 12);
      store<i32>(pass, count, 16);
      return pair;
    }
  }
  const bytes = <usize>(count + 2) * STEP;
  if (load<usize>(record, 16) + bytes > load<usize>(record, 20)) flush(record);
  const used = load<usize>(record, 16);
  pass = load<usize>(record, 12) + used;
  fill((count + 2) * 4, 0, pass);
  store<i32>(pass, first);
  store<i32>(pass, count, 4);
  store<usize>(pass, direction, 8);
  store<usize>(record, used + bytes, 16);
  store<usize>(record, pass, 28);
  return pass + STEP;
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
      let pass = batch;
      while (pass < batchEnd) {
        const places = pass + STEP;
        const next = places + <usize>(load<i32>(pass, 4) + 1) * STEP;
        rotate(strip + <usize>load<i32>(pass) * LINE, load<i32>(pass, 8) * (LINE / W), places, next);
        pass = next;
      }
      for (let j = 0; j < n; j++) scale(STRIP, load<f64>(scales + <usize>j * W), strip + <usize>j * LINE);
    }
    batch = batchEnd;
  }
  store<usize>(record, 0, 16);
  store<usize>(record, 0, 28);
}

/** Replaces pairs (c, s) by (a, b), pass by pass, until `end` or until a d has become small; returns where it stopped. */
function toFast(pass: usize, end: usize, scales: usize): usize {
  let least: f64 = 1;
  while (pass < end && least > LEAST_SCALE) {
    const count = load<i32>(pass, 4);
    const step = load<usize>(pass, 8);
    const places = pass + STEP;
    const d = scales + <usize>load<i32>(pass) * W;
    least = min(least, sweepToFast(places, count, d, step));
    const second = load<usize>(pass, 12);
    if (second != 0) {
      const skipped = (second - places) / STEP - 1;
      least = min(least, sweepToFast(second, load<i32>(pass, 16), d + skipped * step, step));
    }
    pass = places + <usize>(count + 1) * STEP;
  }
  return pass;
}

/** The same for one sweep, with the d of its first column at `d` and the next one `step` bytes further; returns the least new d. */
function sweepToFast(pair: usize, count: i32, d: usize, step: usize): f64 {
  let least: f64 = 1;
  // p is the d of the column that the next rotation shares, q that of the new one.
  let p = load<f64>(d);
  for (const end = pair + <usize>count * STEP; pair < end; pair += STEP, d += step) {
    const q = load<f64>(d + step);
    const c = max(load<f64>(pair), LEAST_COSINE);
    const s = load<f64>(pair, 8);
    const pNew = c * p;
    const qNew = c * q;
    store<f64>(pair, (s * q) / pNew);
    store<f64>(pair, (s * p) / qNew, 8);
    store<f64>(d, pNew);
    least = min(least, pNew);
    p = qNew;
  }
  store<f64>(d, p);
  return min(least, p);
}

/**
 * One pass: x is the first column of its first sweep, and the next one lies `step` bytes further. The carried columns are
 * x_i of the first sweep and z_i, the column behind, of the second.
 */
function rotate(x: usize, step: usize, place: usize, end: usize): void {
  let z = x - step;
  if (ASC_FEATURE_SIMD) {
    let x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
    let z0 = v128.load(z), z1 = v128.load(z, 16), z2 = v128.load(z, 32), z3 = v128.load(z, 48);
    for (; place < end; place += STEP) {
      x += step;
      const a = v128.load64_splat(place);
      const b = v128.load64_splat(place, 8);
      const c = v128.load64_splat(place, 16);
      const d = v128.load64_splat(place, 24);
      let y = v128.load(x);
      let u = f64x2.add(x0, f64x2.mul(a, y));
      x0 = f64x2.sub(y, f64x2.mul(b, x0));
      v128.store(z, f64x2.add(z0, f64x2.mul(c, u)));
      z0 = f64x2.sub(u, f64x2.mul(d, z0));
      y = v128.load(x, 16);
      u = f64x2.add(x1, f64x2.mul(a, y));
      x1 = f64x2.sub(y, f64x2.mul(b, x1));
      v128.store(z, f64x2.add(z1, f64x2.mul(c, u)), 16);
      z1 = f64x2.sub(u, f64x2.mul(d, z1));
      y = v128.load(x, 32);
      u = f64x2.add(x2, f64x2.mul(a, y));
      x2 = f64x2.sub(y, f64x2.mul(b, x2));
      v128.store(z, f64x2.add(z2, f64x2.mul(c, u)), 32);
      z2 = f64x2.sub(u, f64x2.mul(d, z2));
      y = v128.load(x, 48);
      u = f64x2.add(x3, f64x2.mul(a, y));
      x3 = f64x2.sub(y, f64x2.mul(b, x3));
      v128.store(z, f64x2.add(z3, f64x2.mul(c, u)), 48);
      z3 = f64x2.sub(u, f64x2.mul(d, z3));
      z += step;
    }
    v128.store(z, z0);
    v128.store(z, z1, 16);
    v128.store(z, z2, 32);
    v128.store(z, z3, 48);
  } else {
    for (; place < end; place += STEP, x += step, z += step) {
      turn(x, step, place);
      turn(z, step, place + 16);
    }
  }
}

/** One rotation of the column at x and the one `step` bytes further. */
// @ts-ignore: decorator
@inline
function turn(x: usize, step: usize, pair: usize): void {
  const a = load<f64>(pair);
  const b = load<f64>(pair, 8);
  for (const end = x + LINE; x < end; x += W) {
    const y = load<f64>(x);
    const next = load<f64>(x + step);
    store<f64>(x, y + a * next);
    store<f64>(x + step, next - b * y);
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
