import { log, type Rng } from '@x/linalg';
import { checkLength } from '../check.ts';
import { type Kernel, newKernel } from '../kernel/instance.ts';
import { float64Copy, float64Region, int32Copy, type Region } from '../kernel/memory.ts';
import { buffered, STREAM_STATE } from '../walk/buffer.ts';
import type { DikinWalk } from '../walk/walk.ts';
import { energyOf } from './energy.ts';
import type { SpectralFrame } from './frame.ts';
import { smallestEigenvalue } from './interior.ts';
import { loadPencil } from './loaded.ts';
import { type SketchOptions, sketchRegions } from './sketch.ts';

/** A point of the chain in the kernel's memory, `State` in assembly/spectrahedron/dikin.ts. */
interface State {
  readonly y: Region<Float64Array>;
  readonly record: number;
  energy: number;
}

/**
 * The Dikin walk in a spectrahedron, with the metric G(w) = H(w) + P of the barrier -log det S(w) and of f, as in walk/dikin.ts, and
 *
 *   Phi = G / alpha,   alpha = r^2 / (d min(n, d)).
 *
 * The source takes alpha of the order of 1 / d, for which its lemma G.9 would have to bound ||H^{-1/2} grad log det H||^2 by O(d); what it
 * bounds is the norm by 2 d, and on the cone of positive semidefinite matrices the square is n (n + 1)^2 = 2 d (n + 1). It is at most 4 d
 * min(n, d), and with alpha as here the acceptance does not fall as n grows (experiments/spectrahedron-step.ts).
 *
 * @param sketch - where given, H is replaced by its TensorSRHT sketch. The chain stays exactly reversible: see sketch.ts.
 * Cost of a step that stays inside: one Hessian (`fastestWay`) and d^3 / 3 flops, in one call of the kernel; of one that leaves:
 * n^3 / 3 + O(d^2 + entries of the matrices).
 * Source: Gu, Kuang, Ma, Song, Zhang 2024, arXiv 2410.05700, algorithm 2 and theorem 1.3.
 */
export function spectralDikinWalk(frame: SpectralFrame, rng: Rng, sketch?: SketchOptions, kernel: Kernel = newKernel()): DikinWalk {
  const { pencil, quadratic } = frame;
  const { order: n, dimension: d } = pencil;
  const record = loadPencil(kernel, pencil, undefined, sketch && sketchRegions(kernel, pencil, sketch));
  const P = quadratic === undefined ? 0 : float64Copy(kernel, quadratic.P).pointer;
  const noise = float64Region(kernel, d);
  const scratch = new Float64Array(d);
  const draw = new Float64Array(d);
  let current = newState();
  let next = newState();
  const normals = buffered(rng, (stream, out) => stream.fillNormal(out));

  function newState(): State {
    const y = float64Region(kernel, d);
    const L = float64Region(kernel, n * n);
    const G = float64Region(kernel, d * d);
    return { y, record: int32Copy(kernel, [0, 0, y.pointer, L.pointer, G.pointer]).pointer, energy: 0 };
  }

  function fill(): void {
    kernel.spectraFill(record, current.record, P);
    current.energy = energyOf(quadratic, current.y.view(), scratch);
  }

  const walk: DikinWalk = {
    kind: 'dikin',
    radius: 1,
    get position() {
      return current.y.view();
    },
    get proposal() {
      return next.y.view();
    },
    get energy() {
      return current.energy;
    },
    get minSlack() {
      return smallestEigenvalue(pencil, current.y.view());
    },
    place(w) {
      current.y.view().set(w);
      fill();
    },
    propose(xi) {
      noise.view().set(xi);
      const scale = walk.radius / Math.sqrt(d * Math.min(n, d));
      const ratio = kernel.spectraPropose(record, current.record, next.record, P, scale, noise.pointer);
      if (Number.isNaN(ratio)) return Number.NEGATIVE_INFINITY;
      next.energy = energyOf(quadratic, next.y.view(), scratch);
      return current.energy - next.energy + ratio;
    },
    accept() {
      const left = current;
      current = next;
      next = left;
    },
    advance(steps) {
      let accepted = 0;
      for (let step = 0; step < steps; step++) {
        for (let j = 0; j < d; j++) draw[j] = normals.next();
        const logTau = walk.propose(draw);
        // 1 - u lies in (0, 1].
        if (log(1 - normals.rng.uniform()) < logTau) {
          walk.accept();
          accepted++;
        }
      }
      return accepted;
    },
    save() {
      const state = new Float64Array(1 + d + STREAM_STATE);
      state[0] = walk.radius;
      state.set(current.y.view(), 1);
      normals.save(state, 1 + d);
      return state;
    },
    restore(state) {
      checkLength('restore', 'state', state, 1 + d + STREAM_STATE);
      walk.radius = state[0]!;
      current.y.view().set(state.subarray(1, 1 + d));
      fill();
      normals.restore(state, 1 + d);
    },
  };
  return walk;
}
