import { activate } from './activate';
import { affinePanel } from './affine';
import { allocate, mark, release } from '../../linalg/assembly/arena';

/** Bytes of one layer in a program: inputs, outputs, kind of activation, number of its coefficients; then where weights, bias and they are. */
const LAYER: usize = 32;

/**
 * Writes f of each of `rows` points, one after the other at `x`, to `out`: a network of `layers` layers, described at `program`, plus
 * `residual` times the point. Points go in panels of eight; the last panel is filled up with zeros.
 *
 * @param width - of the widest layer, and at least d.
 */
export function evaluateRows(program: usize, layers: i32, d: i32, width: i32, residual: f64, rows: i32, x: usize, out: usize): void {
  const keep = mark();
  const panel = <usize>width << 6;
  const input = allocate(panel);
  const even = allocate(panel);
  const odd = allocate(panel);
  const step = <usize>d << 3;
  for (; rows > 0; rows -= 8, x += step << 3, out += step << 3) {
    const live = min(rows, 8);
    gather(d, live, x, input);
    let from = input;
    for (let l = 0, at = program; l < layers; l++, at += LAYER) {
      const outputs = load<i32>(at, 4);
      const to = (l & 1) == 0 ? even : odd;
      affinePanel(load<i32>(at), outputs, load<usize>(at, 16), load<usize>(at, 20), from, to);
      activate(load<i32>(at, 8), to, to + (<usize>outputs << 6), load<usize>(at, 24), load<i32>(at, 12));
      from = to;
    }
    if (residual != 0) addMultiple(residual, input, from, from + (<usize>d << 6));
    scatter(d, live, from, out);
  }
  release(keep);
}

/** Rows to a panel. */
function gather(d: i32, live: i32, x: usize, panel: usize): void {
  for (let r = 0; r < 8; r++, panel += 8) {
    for (let k = 0, to = panel; k < d; k++, to += 64) {
      if (r < live) {
        store<f64>(to, load<f64>(x));
        x += 8;
      } else store<f64>(to, 0);
    }
  }
}

/** And back. */
function scatter(d: i32, live: i32, panel: usize, out: usize): void {
  for (let r = 0; r < live; r++, panel += 8) {
    for (let k = 0, from = panel; k < d; k++, from += 64, out += 8) store<f64>(out, load<f64>(from));
  }
}

function addMultiple(factor: f64, x: usize, y: usize, end: usize): void {
  for (; y < end; x += 16, y += 16) {
    if (ASC_FEATURE_SIMD) v128.store(y, f64x2.add(f64x2.mul(f64x2.splat(factor), v128.load(x)), v128.load(y)));
    else {
      store<f64>(y, factor * load<f64>(x) + load<f64>(y));
      store<f64>(y, factor * load<f64>(x, 8) + load<f64>(y, 8), 8);
    }
  }
}
