/**
 * The metric G(w) = Hessian of the barrier + P + soft threshold at a point, and its Cholesky factor. Whatever way it is made, the factor that
 * comes out defines the metric: proposals and acceptance both use it, so the walk is exact for all of them.
 */
import { exp } from '../../../linalg/assembly/elementary/exp';
import { log } from '../../../linalg/assembly/elementary/log';
import { weightedSyrk } from '../../../linalg/assembly/blas/syrk';
import { count } from '../operations';
import { at, Body, BUCKETED, entryAt, Point, SAMPLED, SINGLE } from './body';
import { upperCholesky } from './cholesky';
import { packedGram } from './gram';
import { sampledHessian } from './sampled';
import { factorStructured } from './structure';
import { logWeights } from './weights';

/** Factors the metric at p; `from` is a point whose Hessian is known, which BUCKETED starts from, or p itself. Returns success. */
export function factorize(b: Body, p: Point, from: Point, radius: f64): bool {
  const d = b.d;
  p.factored = 0;
  if (b.structure != 0) return factorStructured(b, p, radius);
  if (b.hessian == BUCKETED) {
    bucketHessian(b, p, from);
    memory.copy(p.factor, p.H, (<usize>d * <usize>d) << 3);
    addSmooth(b, p.factor, radius);
    if (!upperCholesky<f64>(d, p.factor)) return false;
  } else if (b.hessian == SAMPLED) {
    if (!sampledHessian(b, p.slack, p.factor)) return false;
    addSmooth(b, p.factor, radius);
    if (!upperCholesky<f64>(d, p.factor)) return false;
  } else {
    const weights = b.scratch;
    if (!hessianWeights(b, p.slack, weights)) return false;
    if (b.hessian != SINGLE || !factorSingle(b, p, weights, radius)) {
      const smooth = b.P != 0 || b.soft != 0;
      if (smooth) {
        memory.fill(p.factor, 0, (<usize>d * <usize>d) << 3);
        addSmooth(b, p.factor, radius);
      }
      packedGram<f64>(b.n, d, b.packed, weights, smooth ? 1 : 0, p.factor);
      if (!upperCholesky<f64>(d, p.factor)) return false;
    }
  }
  let sum: f64 = 0;
  for (let j = 0; j < d; j++) sum += log(load<f64>(entryAt(p.factor, d, j, j)));
  p.halfLogDeterminant = sum;
  p.factored = 1;
  // An overflow in the Hessian leaves no usable factor either.
  return sum - sum == 0;
}

/** What row i has in the Hessian: w_i^outer / s_i^2. `scratch` is n numbers beyond `out`. */
export function hessianWeights(b: Body, s: usize, out: usize): bool {
  const n = b.n;
  if (b.rounds == 0) {
    for (let i = 0; i < n; i++) {
      const slack = load<f64>(at(s, i));
      store<f64>(at(out, i), 1 / (slack * slack));
    }
    return true;
  }
  const logW = at(b.scratch, n);
  if (!logWeights(b, s, logW)) return false;
  for (let i = 0; i < n; i++) {
    const slack = load<f64>(at(s, i));
    store<f64>(at(out, i), exp(b.outer * load<f64>(at(logW, i))) / (slack * slack));
  }
  return true;
}

/** Adds P + radius^2 soft to the upper triangle. */
function addSmooth(b: Body, G: usize, radius: f64): void {
  const d = b.d;
  for (let i = 0; i < d; i++) {
    for (let j = i; j < d; j++) {
      let sum = load<f64>(entryAt(G, d, i, j));
      if (b.P != 0) sum += load<f64>(entryAt(b.P, d, i, j));
      if (b.soft != 0) sum += radius * radius * load<f64>(entryAt(b.soft, d, i, j));
      store<f64>(entryAt(G, d, i, j), sum);
    }
  }
}

/** The same in f32; false where a pivot fails, which depends on the point alone. */
function factorSingle(b: Body, p: Point, weights: usize, radius: f64): bool {
  const d = b.d;
  const n = b.n;
  const weights32 = b.work;
  const G32 = weights32 + ((<usize>n) << 2);
  const smooth = b.P != 0 || b.soft != 0;
  for (let i = 0; i < n; i++) store<f32>(weights32 + (<usize>i << 2), <f32>load<f64>(at(weights, i)));
  if (smooth) {
    memory.fill(p.factor, 0, (<usize>d * <usize>d) << 3);
    addSmooth(b, p.factor, radius);
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++) store<f32>(G32 + ((<usize>(i * d + j)) << 2), <f32>load<f64>(entryAt(p.factor, d, i, j)));
  }
  packedGram<f32>(n, d, b.packed32, weights32, smooth ? 1 : 0, G32);
  if (!upperCholesky<f32>(d, G32)) return false;
  for (let i = 0; i < d; i++)
    for (let j = i; j < d; j++) store<f64>(entryAt(p.factor, d, i, j), <f64>load<f32>(G32 + ((<usize>(i * d + j)) << 2)));
  return true;
}

/** Rows whose weight fell by more than this would leave their rounding behind: then the Hessian is made anew. */
const CANCELS: f64 = 1e6;

/** Hessian of slacks rounded to powers of 1 + e; between near points few of them change. */
function bucketHessian(b: Body, p: Point, from: Point): void {
  const n = b.n;
  const d = b.d;
  const rows = b.work;
  const weights = b.scratch;
  const changes = at(b.scratch, n);
  let changed = 0;
  let anew = p == from;
  for (let i = 0; i < n; i++) {
    const bucket = nearest<f64>(log(load<f64>(at(p.slack, i))) / b.bucket);
    store<f64>(at(p.buckets, i), bucket);
    if (anew) continue;
    const old = load<f64>(at(from.buckets, i));
    if (bucket == old) continue;
    if (changed >= n >> 1) {
      anew = true;
      continue;
    }
    const weight = exp(-2 * bucket * b.bucket);
    const oldWeight = exp(-2 * old * b.bucket);
    if (oldWeight > CANCELS * weight) anew = true;
    memory.copy(rows + ((<usize>changed * <usize>d) << 3), b.A + ((<usize>i * <usize>d) << 3), <usize>d << 3);
    store<f64>(at(changes, changed++), weight - oldWeight);
  }
  if (anew) {
    for (let i = 0; i < n; i++) store<f64>(at(weights, i), exp(-2 * load<f64>(at(p.buckets, i)) * b.bucket));
    packedGram<f64>(n, d, b.packed, weights, 0, p.H);
  } else {
    memory.copy(p.H, from.H, (<usize>d * <usize>d) << 3);
    weightedSyrk<f64>(d, changed, 1, rows, 1, d, changes, 1, p.H, d, 1, true);
    count(0.5 * <f64>changed * <f64>d * <f64>(d + 1));
  }
}
