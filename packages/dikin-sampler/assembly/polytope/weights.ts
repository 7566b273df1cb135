/**
 * Weights of a barrier at slacks s: the solution of w = leverage(W^{c/2} S^{-1} A) + shift by a fixed number of Anderson steps on log w, from
 * the same start everywhere. So they are a function of the point alone, however far they have converged, which keeps the walk exact.
 *
 * c = 0 is Vaidya's barrier in one step, c = 1 - 2/p the Lewis weights of Lee and Sidford, c = 1 - 1/log2(2n/d) with a shift John's. The
 * map log w <- log(leverage + shift) has a Jacobian with eigenvalues in [0, c]; relaxing it by theta = 2 / (2 - c) centres them on 0, with
 * the rate c / (2 - c).
 * Source: Cohen and Peng 2015 (Lewis weights); Walker and Ni 2011 (Anderson acceleration).
 */
import { exp } from '../../../linalg/assembly/elementary/exp';
import { log } from '../../../linalg/assembly/elementary/log';
import { trsm } from '../../../linalg/assembly/blas/trsm';
import { axpy } from '../../../linalg/assembly/level1/axpy';
import { dot } from '../../../linalg/assembly/level1/dot';
import { count } from '../operations';
import { at, Body, entryAt } from './body';
import { upperCholesky } from './cholesky';
import { packedGram } from './gram';

/** Differences that Anderson's step looks back on. */
const MEMORY: i32 = 6;

/** log w into `out`, n entries; returns false where the leverage scores have no factor. */
export function logWeights(b: Body, s: usize, out: usize): bool {
  const n = b.n;
  const theta = 2 / (2 - b.power);
  const residual = b.work + ((<usize>b.d * <usize>(n + b.d)) << 3);
  const image = at(residual, n);
  // Differences of residuals and of images, MEMORY each; the last of them is against the step before.
  const residuals = at(image, n);
  const images = at(residuals, MEMORY * n);
  const start = log(<f64>b.d / <f64>n + b.shift);
  for (let i = 0; i < n; i++) store<f64>(at(out, i), start);
  let kept = 0;
  let norm = Infinity;
  for (let round = 0; round < b.rounds; round++) {
    const slot = round % MEMORY;
    const dr = at(residuals, slot * n);
    const di = at(images, slot * n);
    // The differences are new minus old; the old go in first.
    for (let i = 0; i < n; i++) {
      store<f64>(at(dr, i), -load<f64>(at(residual, i)));
      store<f64>(at(di, i), -load<f64>(at(image, i)));
    }
    if (!leverage(b, s, out, residual)) return false;
    let squares: f64 = 0;
    for (let i = 0; i < n; i++) {
      const r = theta * (log(load<f64>(at(residual, i)) + b.shift) - load<f64>(at(out, i)));
      store<f64>(at(residual, i), r);
      store<f64>(at(image, i), load<f64>(at(out, i)) + r);
      squares += r * r;
    }
    if (round > 0) {
      axpy<f64>(n, 1, residual, dr);
      axpy<f64>(n, 1, image, di);
      // A step that made things much worse is forgotten.
      kept = squares > 4 * norm ? 0 : min(kept + 1, MEMORY);
    }
    norm = squares;
    for (let i = 0; i < n; i++) store<f64>(at(out, i), load<f64>(at(image, i)));
    if (kept > 0 && round + 1 < b.rounds) mix(n, kept, slot, residual, residuals, images, out);
  }
  return true;
}

/** Leverage scores of the rows of exp(power/2 log w) S^{-1} A. */
function leverage(b: Body, s: usize, logW: usize, out: usize): bool {
  const n = b.n;
  const d = b.d;
  const U = b.work;
  const Y = U + ((<usize>d * <usize>d) << 3);
  const weights = b.scratch;
  for (let i = 0; i < n; i++) {
    const slack = load<f64>(at(s, i));
    store<f64>(at(weights, i), exp(b.power * load<f64>(at(logW, i))) / (slack * slack));
  }
  packedGram<f64>(n, d, b.packed, weights, 0, U);
  if (!upperCholesky<f64>(d, U)) return false;
  memory.copy(Y, b.At, (<usize>d * <usize>n) << 3);
  trsm<f64>(true, false, false, d, n, U, 1, d, Y, n, 1);
  count(<f64>n * <f64>d * (0.5 * <f64>d + 1));
  memory.fill(out, 0, <usize>n << 3);
  for (let j = 0; j < d; j++) {
    const y = at(Y, j * n);
    for (let i = 0; i < n; i++) {
      const v = load<f64>(at(y, i));
      store<f64>(at(out, i), load<f64>(at(out, i)) + v * v);
    }
  }
  for (let i = 0; i < n; i++) store<f64>(at(out, i), load<f64>(at(out, i)) * load<f64>(at(weights, i)));
  return true;
}

/** Gram matrix, right side and solution of the least squares problem below. */
const gram: usize = memory.data(8 * 6 * 6);
const gamma: usize = memory.data(8 * 6);

/** out <- out - images gamma with gamma = argmin |residual - residuals gamma|; a direction without a new part gets no share. */
function mix(n: i32, kept: i32, last: i32, residual: usize, residuals: usize, images: usize, out: usize): void {
  for (let i = 0; i < kept; i++) {
    const ri = at(residuals, ((last - i + MEMORY) % MEMORY) * n);
    for (let j = 0; j <= i; j++) {
      const rj = at(residuals, ((last - j + MEMORY) % MEMORY) * n);
      store<f64>(entryAt(gram, MEMORY, i, j), dot<f64>(n, ri, 8, rj, 8));
    }
    store<f64>(at(gamma, i), dot<f64>(n, ri, 8, residual, 8));
  }
  // Cholesky; a pivot that cancelled is marked by 0.
  for (let j = 0; j < kept; j++) {
    const diagonal = load<f64>(entryAt(gram, MEMORY, j, j));
    let pivot = diagonal;
    for (let k = 0; k < j; k++) {
      const x = load<f64>(entryAt(gram, MEMORY, j, k));
      pivot -= x * x;
    }
    const root = pivot > 1e-12 * diagonal ? sqrt<f64>(pivot) : 0;
    store<f64>(entryAt(gram, MEMORY, j, j), root);
    for (let i = j + 1; i < kept; i++) {
      let sum = load<f64>(entryAt(gram, MEMORY, i, j));
      for (let k = 0; k < j; k++) sum -= load<f64>(entryAt(gram, MEMORY, i, k)) * load<f64>(entryAt(gram, MEMORY, j, k));
      store<f64>(entryAt(gram, MEMORY, i, j), root > 0 ? sum / root : 0);
    }
  }
  for (let i = 0; i < kept; i++) {
    let sum = load<f64>(at(gamma, i));
    for (let k = 0; k < i; k++) sum -= load<f64>(entryAt(gram, MEMORY, i, k)) * load<f64>(at(gamma, k));
    const root = load<f64>(entryAt(gram, MEMORY, i, i));
    store<f64>(at(gamma, i), root > 0 ? sum / root : 0);
  }
  for (let i = kept - 1; i >= 0; i--) {
    let sum = load<f64>(at(gamma, i));
    for (let k = i + 1; k < kept; k++) sum -= load<f64>(entryAt(gram, MEMORY, k, i)) * load<f64>(at(gamma, k));
    const root = load<f64>(entryAt(gram, MEMORY, i, i));
    store<f64>(at(gamma, i), root > 0 ? sum / root : 0);
  }
  for (let i = 0; i < kept; i++) axpy<f64>(n, -load<f64>(at(gamma, i)), at(images, ((last - i + MEMORY) % MEMORY) * n), out);
}
