/** A chain on a polytope and its steps. */
import { log } from '../../../linalg/assembly/elementary/log';
import { axpy } from '../../../linalg/assembly/level1/axpy';
import { dot } from '../../../linalg/assembly/level1/dot';
import { gemv } from '../../../linalg/assembly/level1/gemv';
import { count } from '../operations';
import { at, Body, entryAt, Point } from './body';
import { drawOnChord, SHRUNK } from './chord';
import { factorize } from './metric';
import { drawStructured, squaredNorm } from './structure';
import { nextNormal, nextUniform, Stream } from './stream';

/** The host's part of f at w. It may throw, which leaves the chain where it was. */
@external("env", "energy")
declare function hostEnergy(w: usize): f64;

// @ts-ignore: decorator
@unmanaged
export class Chain {
  /** r of alpha = r^2 / d. */
  radius: f64;
  /** MIXED: the probability of a Dikin step. */
  share: f64;
  body: usize;
  stream: usize;
  /** The point where the chain stands and the one proposed. */
  here: usize;
  there: usize;
  /** A step, d entries, and its image A step, n entries. A Dikin step is made from `noise` >= d normals. */
  step: usize;
  image: usize;
  /** Steps since slacks and gradients were last computed from the position. */
  drift: i32;
  /** Dikin steps and metrics factored so far, for reports. */
  proposals: i32;
  metrics: i32;
  noise: i32;
}

export const DIKIN: i32 = 0;
export const COORDINATE: i32 = 1;
export const HIT_AND_RUN: i32 = 2;
export const MIXED: i32 = 3;

/** Slacks and gradients are computed from the position after so many moves, so that rounding does not pile up. */
const REFRESH_METRIC: i32 = 64;
const REFRESH_CHORD: i32 = 4096;

/** Computes slacks, gradient and f from the position. */
export function refresh(b: Body, p: Point): void {
  const n = b.n;
  const d = b.d;
  memory.copy(p.slack, b.slack, <usize>n << 3);
  for (let j = 0; j < d; j++) subtractColumn(b, j, load<f64>(at(p.w, j)), p.slack);
  smooth(b, p);
  p.energy = energyOf(b, p);
  p.factored = 0;
}

function smooth(b: Body, p: Point): void {
  if (b.g == 0) return;
  memory.copy(p.gradient, b.g, <usize>b.d << 3);
  if (b.P != 0) gemv<f64>(b.d, b.d, 1, b.P, b.d, 1, p.w, 1, p.gradient);
}

/** f at p without the host's part: w^T P w / 2 + g^T w = w^T (gradient + g) / 2. */
function builtIn(b: Body, p: Point): f64 {
  return b.g == 0 ? 0 : 0.5 * (dot<f64>(b.d, p.w, 8, p.gradient, 8) + dot<f64>(b.d, p.w, 8, b.g, 8));
}

/** f at p. After steps along chords p.energy is not up to date, unless the host has a part in it. */
export function energyOf(b: Body, p: Point): f64 {
  return b.hosted ? builtIn(b, p) + hostEnergy(p.w) : builtIn(b, p);
}

function subtractColumn(b: Body, j: i32, t: f64, s: usize): void {
  const end = load<i32>(b.start + (<usize>(j + 1) << 2));
  for (let k = load<i32>(b.start + (<usize>j << 2)); k < end; k++) {
    const to = at(s, load<i32>(b.row + (<usize>k << 2)));
    store<f64>(to, load<f64>(to) - t * load<f64>(at(b.entry, k)));
  }
}

/** c.image <- A c.step, by columns. */
function imageOf(c: Chain, b: Body): void {
  memory.fill(c.image, 0, <usize>b.n << 3);
  if (b.At == 0) {
    for (let j = 0; j < b.d; j++) subtractColumn(b, j, -load<f64>(at(c.step, j)), c.image);
    return;
  }
  count(<f64>b.n * <f64>b.d);
  for (let j = 0; j < b.d; j++) axpy<f64>(b.n, load<f64>(at(c.step, j)), b.At + ((<usize>j * <usize>b.n) << 3), c.image);
}

/** Makes the proposal that the noise in c.step gives, z = w + (r / sqrt d) U^{-1} noise, and returns log tau; -Infinity outside. */
export function propose(c: Chain): f64 {
  const b = changetype<Body>(c.body);
  const p = changetype<Point>(c.here);
  const z = changetype<Point>(c.there);
  const d = b.d;
  const scale = c.radius / sqrt<f64>(<f64>d);
  c.proposals += 1;
  if (!p.factored) {
    c.metrics += 1;
    if (!b.hosted) p.energy = builtIn(b, p);
    if (!factorize(b, p, p, c.radius)) return -Infinity;
  }
  const structured = b.structure != 0;
  let forth: f64 = 0;
  if (structured) drawStructured(b, p, c.step);
  else {
    forth = dot<f64>(d, c.step, 8, c.step, 8);
    count(0.5 * <f64>d * <f64>(d + 1));
    // U, not its transpose: (U^{-1} xi)(U^{-1} xi)^T averages to (U^T U)^{-1}.
    for (let i = d - 1; i >= 0; i--) {
      const diagonal = entryAt(p.factor, d, i, i);
      const x = at(c.step, i);
      store<f64>(x, (load<f64>(x) - dot<f64>(d - 1 - i, diagonal + 8, 8, x + 8, 8)) / load<f64>(diagonal));
    }
  }
  for (let j = 0; j < d; j++) {
    const delta = scale * load<f64>(at(c.step, j));
    store<f64>(at(c.step, j), delta);
    store<f64>(at(z.w, j), load<f64>(at(p.w, j)) + delta);
  }
  imageOf(c, b);
  for (let i = 0; i < b.n; i++) {
    const s = load<f64>(at(p.slack, i)) - load<f64>(at(c.image, i));
    if (!(s > 0)) return -Infinity;
    store<f64>(at(z.slack, i), s);
  }
  c.metrics += 1;
  // A metric that cannot be factored counts as density zero: the chain is then exact on the set where it can.
  if (!factorize(b, z, p, c.radius)) return -Infinity;
  smooth(b, z);
  z.energy = energyOf(b, z);
  let back: f64 = 0;
  if (structured) {
    forth = squaredNorm(b, p.slack, c.step, c.image, c.radius) / (scale * scale);
    back = squaredNorm(b, z.slack, c.step, c.image, c.radius);
  } else for (let i = 0; i < d; i++) {
    const v = dot<f64>(d - i, entryAt(z.factor, d, i, i), 8, at(c.step, i), 8);
    back += v * v;
  }
  back /= scale * scale;
  return p.energy - z.energy + z.halfLogDeterminant - p.halfLogDeterminant - 0.5 * back + 0.5 * forth;
}

export function accept(c: Chain): void {
  const left = c.here;
  c.here = c.there;
  c.there = left;
  c.drift += REFRESH_CHORD / REFRESH_METRIC;
  keepFresh(c);
}

function keepFresh(c: Chain): void {
  c.drift += 1;
  if (c.drift < REFRESH_CHORD) return;
  c.drift = 0;
  refresh(changetype<Body>(c.body), changetype<Point>(c.here));
}

function dikinStep(c: Chain): i32 {
  const b = changetype<Body>(c.body);
  const r = changetype<Stream>(c.stream);
  for (let j = 0; j < c.noise; j++) store<f64>(at(c.step, j), nextNormal(r));
  const logTau = propose(c);
  // 1 - u lies in (0, 1].
  if (!(log(1 - nextUniform(r)) < logTau)) return 0;
  accept(c);
  return 1;
}

/**
 * Moves along axis j, or along c.step where j < 0, to a draw from the density on the chord. With a host's part of f by slice sampling with
 * shrinkage, which is reversible and needs no tuning: the level is drawn below the density here, then points on the chord until one lies
 * above it, every failure being the new end on its side.
 * Where the slice has shrunk to nothing, because f is so large that rounding hides its level, the point stays.
 * Source: Neal 2003, "Slice sampling", Annals of Statistics 31(3), section 4.2.
 */
function moveOnChord(c: Chain, b: Body, p: Point, j: i32, low: f64, high: f64): f64 {
  const r = changetype<Stream>(c.stream);
  const d = b.d;
  // Rounding may leave a slack at -1e-17; the chord always holds the point itself.
  high = max<f64>(high, 0);
  low = min<f64>(low, 0);
  let slope: f64 = 0;
  let curvature: f64 = 0;
  if (b.g != 0) slope = j < 0 ? dot<f64>(d, p.gradient, 8, c.step, 8) : load<f64>(at(p.gradient, j));
  const image = changetype<Point>(c.there).gradient;
  if (b.P != 0) {
    if (j < 0) gemv<f64>(d, d, 1, b.P, d, 1, c.step, 0, image);
    curvature = j < 0 ? dot<f64>(d, c.step, 8, image, 8) : load<f64>(entryAt(b.P, d, j, j));
  }
  let t: f64;
  if (b.hosted) {
    const candidate = changetype<Point>(c.there).w;
    const here = builtIn(b, p);
    const level = p.energy - log(1 - nextUniform(r));
    const nothing = SHRUNK * (high - low);
    memory.copy(candidate, p.w, <usize>d << 3);
    for (;;) {
      if (high - low <= nothing) {
        t = 0;
        break;
      }
      t = low + (high - low) * nextUniform(r);
      along(d, p.w, t, c.step, j, candidate);
      const energy = here + t * (slope + 0.5 * curvature * t) + hostEnergy(candidate);
      if (energy <= level) {
        p.energy = energy;
        break;
      }
      if (t < 0) low = t;
      else high = t;
    }
  } else t = drawOnChord(r, low, high, slope, curvature);
  along(d, p.w, t, c.step, j, p.w);
  if (b.P != 0) axpy<f64>(d, t, j < 0 ? image : b.P + ((<usize>j * <usize>d) << 3), p.gradient);
  p.factored = 0;
  return t;
}

/** to <- w + t step, or its entry j alone. */
function along(d: i32, w: usize, t: f64, step: usize, j: i32, to: usize): void {
  if (j >= 0) store<f64>(at(to, j), load<f64>(at(w, j)) + t);
  else for (let k = 0; k < d; k++) store<f64>(at(to, k), load<f64>(at(w, k)) + t * load<f64>(at(step, k)));
}

/** A step along a random axis of the frame. */
function coordinateStep(c: Chain): i32 {
  const b = changetype<Body>(c.body);
  const p = changetype<Point>(c.here);
  const j = <i32>(nextUniform(changetype<Stream>(c.stream)) * <f64>b.d);
  const offset = <usize>j << 2;
  const middle = load<i32>(b.split + offset);
  const end = load<i32>(b.start + offset, 4);
  let k = load<i32>(b.start + offset);
  // Entries before `middle` are positive and bound t above, the others bound it below.
  let high: f64 = Infinity;
  for (; k < middle; k++) {
    const t = load<f64>(at(p.slack, load<i32>(b.row + (<usize>k << 2)))) * load<f64>(at(b.inverse, k));
    if (t < high) high = t;
  }
  let low: f64 = -Infinity;
  for (; k < end; k++) {
    const t = load<f64>(at(p.slack, load<i32>(b.row + (<usize>k << 2)))) * load<f64>(at(b.inverse, k));
    if (t > low) low = t;
  }
  subtractColumn(b, j, moveOnChord(c, b, p, j, low, high), p.slack);
  keepFresh(c);
  return 1;
}

/** A step along a uniformly random direction. */
function hitAndRunStep(c: Chain): i32 {
  const b = changetype<Body>(c.body);
  const p = changetype<Point>(c.here);
  const r = changetype<Stream>(c.stream);
  for (let j = 0; j < b.d; j++) store<f64>(at(c.step, j), nextNormal(r));
  imageOf(c, b);
  let high: f64 = Infinity;
  let low: f64 = -Infinity;
  for (let i = 0; i < b.n; i++) {
    const towards = load<f64>(at(c.image, i));
    if (towards == 0) continue;
    const t = load<f64>(at(p.slack, i)) / towards;
    if (towards > 0) high = min<f64>(high, t);
    else low = max<f64>(low, t);
  }
  const t = moveOnChord(c, b, p, -1, low, high);
  axpy<f64>(b.n, -t, c.image, p.slack);
  keepFresh(c);
  return 1;
}

/** Makes steps of a kind; returns how many moved. */
export function advance(c: Chain, kind: i32, steps: i32): i32 {
  let moved = 0;
  for (let i = 0; i < steps; i++) {
    let step = kind;
    if (kind == MIXED) step = nextUniform(changetype<Stream>(c.stream)) < c.share ? DIKIN : COORDINATE;
    if (step == DIKIN) moved += dikinStep(c);
    else if (step == COORDINATE) moved += coordinateStep(c);
    else moved += hitAndRunStep(c);
  }
  return moved;
}
