import { dense, eigenvalues, type Rng } from '@x/linalg';
import { checkLength } from '../check.ts';
import { multiplySquare, solveLowerTransposed } from '../kernel/cholesky.ts';
import { type Kernel, newKernel } from '../kernel/instance.ts';
import { float64Region } from '../kernel/memory.ts';
import { buffered, STREAM_STATE } from '../walk/buffer.ts';
import type { Walk } from '../walk/walk.ts';
import { drawOnChord } from './chord.ts';
import { energyOf } from './energy.ts';
import type { SpectralFrame } from './frame.ts';
import { smallestEigenvalue } from './interior.ts';
import { loadPencil } from './loaded.ts';

/**
 * Hit-and-run with exact chords: a step draws a direction v from N(0, H^{-1}), H the metric at the centre, which is the uniform direction of the
 * coordinates in which the body is round there, and the new point from the density restricted to the chord through the old one. The
 * directions do not depend on the point and the draw is from the exact conditional, so the density is kept.
 *
 * S(w + t v) = L (I + t M) L^T with M = L^{-1} (sum_j v_j B_j) L^{-T} is positive definite exactly for -1 / max(M) < t < -1 / min(M): the
 * extreme generalised eigenvalues of the direction and S(w), one eigenproblem a step.
 *
 * Cost of a step: 11 n^3 / 3 + 2 d^2 flops and the entries of the matrices.
 * Source: Smith 1984; Chalkis, Emiris, Fisikopoulos, Repouskos, Tsigaridas 2020 (spectrahedra by generalised eigenvalues).
 */
export function spectralHitAndRun(frame: SpectralFrame, rng: Rng, kernel: Kernel = newKernel()): Walk {
  const { pencil, quadratic, factor } = frame;
  const { order: n, dimension: d } = pencil;
  // No Hessian is made here, so nothing is stored for one.
  const record = loadPencil(kernel, pencil, 'sparse');
  const w = float64Region(kernel, d);
  const direction = float64Region(kernel, d);
  const L = float64Region(kernel, n * n);
  const M = float64Region(kernel, n * n);
  const v = new Float64Array(d);
  const Pv = new Float64Array(d);
  const normals = buffered(rng, (stream, out) => stream.fillNormal(out));

  function refresh(): boolean {
    return Boolean(kernel.spectraFactor(record, w.pointer, L.pointer));
  }

  /** Draws t from the density on the chord. */
  function draw(low: number, high: number): number {
    if (quadratic === undefined) return drawOnChord(0, 0, low, high, normals.rng);
    multiplySquare(quadratic.P, d, v, Pv);
    const at = w.view();
    let slope = 0;
    let curvature = 0;
    for (let j = 0; j < d; j++) {
      slope += quadratic.g[j]! * v[j]! + at[j]! * Pv[j]!;
      curvature += v[j]! * Pv[j]!;
    }
    return drawOnChord(slope, curvature, low, high, normals.rng);
  }

  function step(): boolean {
    for (let j = 0; j < d; j++) v[j] = normals.next();
    solveLowerTransposed(factor, d, v);
    direction.view().set(v);
    kernel.spectraAlong(record, L.pointer, direction.pointer, M.pointer);
    const spectrum = eigenvalues(dense(n, n, M.view()));
    const [least, most] = [spectrum[0]!, spectrum[n - 1]!];
    const low = most > 0 ? -1 / most : Number.NEGATIVE_INFINITY;
    const high = least < 0 ? -1 / least : Number.POSITIVE_INFINITY;
    const t = draw(low, high);
    const at = w.view();
    for (let j = 0; j < d; j++) at[j] = at[j]! + t * v[j]!;
    if (refresh()) return true;
    // Within rounding of the boundary S has no factor: such a point counts as outside.
    for (let j = 0; j < d; j++) at[j] = at[j]! - t * v[j]!;
    refresh();
    return false;
  }

  return {
    kind: 'hitAndRun',
    get position() {
      return w.view();
    },
    get energy() {
      return energyOf(quadratic, w.view(), Pv);
    },
    get minSlack() {
      return smallestEigenvalue(pencil, w.view());
    },
    place(at) {
      w.view().set(at);
      refresh();
    },
    advance(steps) {
      let moved = 0;
      for (let i = 0; i < steps; i++) if (step()) moved++;
      return moved;
    },
    save() {
      const state = new Float64Array(d + STREAM_STATE);
      state.set(w.view());
      normals.save(state, d);
      return state;
    },
    restore(state) {
      checkLength('restore', 'state', state, d + STREAM_STATE);
      w.view().set(state.subarray(0, d));
      refresh();
      normals.restore(state, d);
    },
  };
}
