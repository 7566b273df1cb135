/** A chain on a spectrahedron and its steps. */
import { allocateArray, mark, release } from '../../../linalg/assembly/arena';
import { log } from '../../../linalg/assembly/elementary/log';
import { potrf } from '../../../linalg/assembly/lapack/potrf';
import { steqr } from '../../../linalg/assembly/lapack/steqr';
import { sytrd } from '../../../linalg/assembly/lapack/sytrd';
import { axpy } from '../../../linalg/assembly/level1/axpy';
import { dot } from '../../../linalg/assembly/level1/dot';
import { gemv } from '../../../linalg/assembly/level1/gemv';
import { count } from '../operations';
import { drawOnChord, SHRUNK } from '../polytope/chord';
import { nextNormal, nextUniform, Stream } from '../polytope/stream';
import { pencilAlong, pencilHessian } from './hessian';
import { at, Pencil, pencilFactor } from './pencil';

/** The host's part of f at w. It may throw, which leaves the chain where it was. */
@external("env", "energy")
declare function hostEnergy(w: usize): f64;

/** What belongs to a point of a chain. */
// @ts-ignore: decorator
@unmanaged
export class State {
  /** f; after steps along chords not up to date, unless the host has a part in it. */
  energy: f64;
  halfLogDeterminant: f64;
  /** The point, d entries. */
  y: usize;
  /** Cholesky factor of S(y). */
  L: usize;
  /** Cholesky factor of the metric, lower triangle; of this point only where `factored`. */
  G: usize;
  factored: i32;
}

// @ts-ignore: decorator
@unmanaged
export class SpectraChain {
  /** r of alpha = r^2 / (d min(n, d)). */
  radius: f64;
  pencil: usize;
  stream: usize;
  /** The point where the chain stands and the one proposed. */
  here: usize;
  there: usize;
  /** f = y^T P y / 2 + g^T y plus the host's part; P and g are 0 where there is none. */
  P: usize;
  g: usize;
  hosted: i32;
  /** M of the soft threshold, d x d, or 0; and what is added to the Hessian, P + r^2 / min(n, d) M, or 0. */
  soft: usize;
  added: usize;
  /** Cholesky factor of the metric at the centre, from which directions are drawn. */
  centre: usize;
  /** Two vectors of d numbers and a matrix of n x n. */
  step: usize;
  image: usize;
  M: usize;
}

export const DIKIN: i32 = 0;

/** Brings a point's factor and f up to date. Returns false where it lies outside. */
export function settle(c: SpectraChain, s: State): bool {
  s.factored = 0;
  if (!pencilFactor(changetype<Pencil>(c.pencil), s.y, s.L)) return false;
  s.energy = energyOf(c, s);
  return true;
}

export function energyOf(c: SpectraChain, s: State): f64 {
  const d = changetype<Pencil>(c.pencil).d;
  let sum: f64 = 0;
  if (c.g != 0) sum = dot<f64>(d, c.g, 8, s.y, 8);
  if (c.P != 0) {
    gemv<f64>(d, d, 1, c.P, d, 1, s.y, 0, c.image);
    sum += 0.5 * dot<f64>(d, c.image, 8, s.y, 8);
  }
  return c.hosted ? sum + hostEnergy(s.y) : sum;
}

/** Makes what is added to the Hessian fit the radius; the metric at the point is then no more its own. */
export function softened(c: SpectraChain): void {
  if (c.soft == 0) return;
  const p = changetype<Pencil>(c.pencil);
  const size = p.d * p.d;
  if (c.P != 0) memory.copy(c.added, c.P, <usize>size << 3);
  else memory.fill(c.added, 0, <usize>size << 3);
  axpy<f64>(size, (c.radius * c.radius) / <f64>min(p.n, p.d), c.soft, c.added);
  changetype<State>(c.here).factored = 0;
}

/** The metric of a point whose L is there. Returns false where it has no Cholesky factor. */
function factorize(c: SpectraChain, s: State): bool {
  const p = changetype<Pencil>(c.pencil);
  const d = p.d;
  const bytes = (<usize>d * <usize>d) << 3;
  if (c.added == 0) memory.fill(s.G, 0, bytes);
  else memory.copy(s.G, c.added, bytes);
  pencilHessian(p, s.L, s.G);
  count((<f64>d * <f64>d * <f64>d) / 6);
  if (potrf<f64>(d, s.G, d) >= 0) return false;
  let sum: f64 = 0;
  for (let i = 0; i < d; i++) sum += log(load<f64>(at(s.G, d, i, i)));
  s.halfLogDeterminant = sum;
  s.factored = 1;
  return true;
}

/** x <- L^{-T} x, row by row of L from the last, so that memory is read in order. */
function solveTransposed(d: i32, L: usize, x: usize): void {
  for (let i = d - 1; i >= 0; i--) {
    const row = at(L, d, i, 0);
    const value = load<f64>(x + (<usize>i << 3)) / load<f64>(row + (<usize>i << 3));
    store<f64>(x + (<usize>i << 3), value);
    axpy<f64>(i, -value, row, x);
  }
}

/** to <- y + t step. */
function along(d: i32, y: usize, t: f64, step: usize, to: usize): void {
  memory.copy(to, y, <usize>d << 3);
  axpy<f64>(d, t, step, to);
}

/** Makes the proposal that the noise in c.step gives, and returns log tau; -Infinity outside. */
export function propose(c: SpectraChain): f64 {
  const p = changetype<Pencil>(c.pencil);
  const y = changetype<State>(c.here);
  const z = changetype<State>(c.there);
  const d = p.d;
  if (!y.factored && !factorize(c, y)) return -Infinity;
  const forth = dot<f64>(d, c.step, 8, c.step, 8);
  // The transposed factor: (L^{-T} xi)(L^{-T} xi)^T averages to (L L^T)^{-1}.
  solveTransposed(d, y.G, c.step);
  along(d, y.y, c.radius / sqrt<f64>(<f64>d * <f64>min(p.n, d)), c.step, z.y);
  // A metric that cannot be factored counts as density zero: the chain is then exact on the set where it can.
  if (!settle(c, z) || !factorize(c, z)) return -Infinity;
  // ||L_z^T delta||^2.
  memory.fill(c.image, 0, <usize>d << 3);
  for (let i = 0; i < d; i++) axpy<f64>(i + 1, load<f64>(c.step + (<usize>i << 3)), at(z.G, d, i, 0), c.image);
  const back = dot<f64>(d, c.image, 8, c.image, 8);
  return y.energy - z.energy + z.halfLogDeterminant - y.halfLogDeterminant - 0.5 * back + 0.5 * forth;
}

export function accept(c: SpectraChain): void {
  const left = c.here;
  c.here = c.there;
  c.there = left;
}

function noise(c: SpectraChain): void {
  const r = changetype<Stream>(c.stream);
  const d = changetype<Pencil>(c.pencil).d;
  for (let j = 0; j < d; j++) store<f64>(c.step + (<usize>j << 3), nextNormal(r));
}

function dikinStep(c: SpectraChain): bool {
  noise(c);
  const logTau = propose(c);
  // 1 - u lies in (0, 1].
  if (!(log(1 - nextUniform(changetype<Stream>(c.stream))) < logTau)) return false;
  accept(c);
  return true;
}

/**
 * A step along a random direction v. S(y + t v) = L (I + t M) L^T with M = L^{-1} B(v) L^{-T} is positive definite for -1 / max < t < -1 / min of the
 * eigenvalues of M.
 */
function hitAndRunStep(c: SpectraChain): bool {
  const p = changetype<Pencil>(c.pencil);
  const y = changetype<State>(c.here);
  const z = changetype<State>(c.there);
  const n = p.n;
  noise(c);
  solveTransposed(p.d, c.centre, c.step);
  pencilAlong(p, y.L, c.step, c.M);
  const top = mark();
  const values = allocateArray<f64>(n);
  const off = allocateArray<f64>(n);
  sytrd(n, c.M, values, off, allocateArray<f64>(n * n), allocateArray<f64>(n));
  steqr(n, values, off, 0);
  let least: f64 = Infinity;
  let most: f64 = -Infinity;
  for (let i = 0; i < n; i++) {
    const value = load<f64>(values + (<usize>i << 3));
    least = min<f64>(least, value);
    most = max<f64>(most, value);
  }
  release(top);
  const t = drawStep(c, y, z, most > 0 ? -1 / most : -Infinity, least < 0 ? -1 / least : Infinity);
  along(p.d, y.y, t, c.step, z.y);
  // Within rounding of the boundary S has no factor; such a point counts as outside.
  if (!pencilFactor(p, z.y, z.L)) return false;
  z.factored = 0;
  accept(c);
  return true;
}

/** t from the density on the chord, or with a host's part of f by slice sampling with shrinkage (polytope/chain.ts); then z.energy is f there. */
function drawStep(c: SpectraChain, y: State, z: State, low: f64, high: f64): f64 {
  const r = changetype<Stream>(c.stream);
  const d = changetype<Pencil>(c.pencil).d;
  if (c.hosted) {
    const level = y.energy - log(1 - nextUniform(r));
    const nothing = SHRUNK * (high - low);
    for (;;) {
      if (high - low <= nothing) {
        z.energy = y.energy;
        return 0;
      }
      const t = low + (high - low) * nextUniform(r);
      along(d, y.y, t, c.step, z.y);
      z.energy = energyOf(c, z);
      if (z.energy <= level) return t;
      if (t < 0) low = t;
      else high = t;
    }
  }
  let slope: f64 = 0;
  let curvature: f64 = 0;
  if (c.g != 0) slope = dot<f64>(d, c.g, 8, c.step, 8);
  if (c.P != 0) {
    gemv<f64>(d, d, 1, c.P, d, 1, c.step, 0, c.image);
    slope += dot<f64>(d, c.image, 8, y.y, 8);
    curvature = dot<f64>(d, c.image, 8, c.step, 8);
  }
  return drawOnChord(r, low, high, slope, curvature);
}

/** Makes steps of a kind; returns how many moved. */
export function advance(c: SpectraChain, kind: i32, steps: i32): i32 {
  let moved = 0;
  for (let i = 0; i < steps; i++) if (kind == DIKIN ? dikinStep(c) : hitAndRunStep(c)) moved++;
  return moved;
}
