import { type Csr, csrTranspose, type Rng } from '@x/linalg';
import { checkLength } from '../check.ts';
import type { Frame } from '../frame.ts';
import { multiplySquare } from '../kernel/cholesky.ts';
import { buffered, STREAM_STATE } from './buffer.ts';
import { smallest } from './dikin.ts';
import { truncatedNormal } from './truncated-normal.ts';
import type { Walk } from './walk.ts';

/** Slacks and gradients are recomputed from the position after so many steps, so that rounding does not pile up. */
const REFRESH = 4096;

/**
 * Coordinate hit-and-run with exact chords: a step picks one of the frame's d axes uniformly and draws the new point from the
 * density restricted to the chord through the old one, uniform or truncated normal. That is a Gibbs step: the axis does not depend
 * on the point and the draw is from the exact conditional, so each axis' kernel is reversible for the density and so is their mixture.
 * Every step is accepted.
 *
 * Cost of a step: O(nonzeros of one column of A), plus O(d) for a Gaussian.
 * Source: Smith 1984 (hit-and-run); Haraldsdottir et al. 2017, Bioinformatics 33(11) (coordinate hit-and-run after rounding).
 */
export function cdhrWalk(frame: Frame, rng: Rng): Walk {
  const d = frame.dimension;
  const { quadratic } = frame;
  const { start, split, row, entry, inverse } = signedColumns(frame.A);
  const w = new Float64Array(d);
  const slack = new Float64Array(frame.A.rows);
  const gradient = new Float64Array(d);
  const uniforms = buffered(rng, (stream, out) => stream.fillUniform(out));
  let steps = 0;

  function refresh(): void {
    slack.set(frame.slack);
    for (let j = 0; j < d; j++) {
      for (let p = start[j]!; p < start[j + 1]!; p++) slack[row[p]!] = slack[row[p]!]! - entry[p]! * w[j]!;
    }
    if (quadratic !== undefined) {
      multiplySquare(quadratic.P, d, w, gradient);
      for (let j = 0; j < d; j++) gradient[j] = gradient[j]! + quadratic.g[j]!;
    }
  }

  function step(): void {
    const j = Math.floor(uniforms.next() * d);
    const middle = split[j]!;
    const end = start[j + 1]!;
    // The chord w + t e_j: entries before `middle` are positive and bound t above, the others bound it below. Rounding may leave a
    // slack at -1e-17; the chord always holds the point itself.
    let high = Number.POSITIVE_INFINITY;
    for (let p = start[j]!; p < middle; p++) {
      const t = slack[row[p]!]! * inverse[p]!;
      if (t < high) high = t;
    }
    let low = Number.NEGATIVE_INFINITY;
    for (let p = middle; p < end; p++) {
      const t = slack[row[p]!]! * inverse[p]!;
      if (t > low) low = t;
    }
    if (high < 0) high = 0;
    if (low > 0) low = 0;
    let t: number;
    if (quadratic === undefined) {
      t = low + (high - low) * uniforms.next();
    } else {
      const curvature = quadratic.P[j * d + j]!;
      t = truncatedNormal(-gradient[j]! / curvature, 1 / Math.sqrt(curvature), low, high, uniforms.rng);
      const column = j * d;
      for (let k = 0; k < d; k++) gradient[k] = gradient[k]! + t * quadratic.P[column + k]!;
    }
    w[j] = w[j]! + t;
    for (let p = start[j]!; p < end; p++) slack[row[p]!] = slack[row[p]!]! - t * entry[p]!;
    if (++steps % REFRESH === 0) refresh();
  }

  return {
    kind: 'cdhr',
    position: w,
    get energy() {
      if (quadratic === undefined) return 0;
      // w^T P w / 2 + g^T w = w^T (gradient + g) / 2.
      let sum = 0;
      for (let j = 0; j < d; j++) sum += 0.5 * w[j]! * (gradient[j]! + quadratic.g[j]!);
      return sum;
    },
    get minSlack() {
      return smallest(slack);
    },
    place(from) {
      w.set(from);
      refresh();
    },
    advance(count) {
      for (let i = 0; i < count; i++) step();
      return count;
    },
    save() {
      const state = new Float64Array(1 + d + slack.length + d + STREAM_STATE);
      state[0] = steps;
      state.set(w, 1);
      state.set(slack, 1 + d);
      state.set(gradient, 1 + d + slack.length);
      uniforms.save(state, 1 + 2 * d + slack.length);
      return state;
    },
    restore(state) {
      checkLength('restore', 'state', state, 1 + 2 * d + slack.length + STREAM_STATE);
      steps = state[0]!;
      w.set(state.subarray(1, 1 + d));
      slack.set(state.subarray(1 + d, 1 + d + slack.length));
      gradient.set(state.subarray(1 + d + slack.length, 1 + 2 * d + slack.length));
      uniforms.restore(state, 1 + 2 * d + slack.length);
    },
  };
}

/** A by columns, in each the positive entries first (up to `split`), so that the chord needs no sign tests. */
interface SignedColumns {
  readonly start: Int32Array;
  readonly split: Int32Array;
  readonly row: Int32Array;
  readonly entry: Float64Array;
  readonly inverse: Float64Array;
}

function signedColumns(A: Csr): SignedColumns {
  const { indptr: start, indices, data } = csrTranspose(A);
  const row = new Int32Array(indices.length);
  const entry = new Float64Array(indices.length);
  const split = new Int32Array(A.cols);
  for (let j = 0; j < A.cols; j++) {
    let at = start[j]!;
    for (const positive of [true, false]) {
      for (let p = start[j]!; p < start[j + 1]!; p++) {
        if (data[p]! > 0 !== positive) continue;
        row[at] = indices[p]!;
        entry[at++] = data[p]!;
      }
      if (positive) split[j] = at;
    }
  }
  return { start, split, row, entry, inverse: entry.map((a) => 1 / a) };
}
