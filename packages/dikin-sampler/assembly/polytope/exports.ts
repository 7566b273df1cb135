/** Polytopes. Records are addresses of what the classes describe. */
import { allocateArray } from '../../../linalg/assembly/arena';
import { Body, Point } from './body';
import { accept, advance, Chain, energyOf, propose, refresh } from './chain';
import { truncatedNormal } from './chord';
import { packedSize, packGram } from './gram';
import { factorize, hessianWeights } from './metric';
import { Stream, streamReload } from './stream';
import { logWeights } from './weights';

export function polytopePlace(chain: usize): void {
  const c = changetype<Chain>(chain);
  c.drift = 0;
  refresh(changetype<Body>(c.body), changetype<Point>(c.here));
}

export function polytopeFactor(chain: usize): bool {
  const c = changetype<Chain>(chain);
  const p = changetype<Point>(c.here);
  return factorize(changetype<Body>(c.body), p, p, c.radius);
}

export function polytopeEnergy(chain: usize): f64 {
  const c = changetype<Chain>(chain);
  return energyOf(changetype<Body>(c.body), changetype<Point>(c.here));
}

export function polytopePropose(chain: usize): f64 {
  return propose(changetype<Chain>(chain));
}

export function polytopeAccept(chain: usize): void {
  accept(changetype<Chain>(chain));
}

export function polytopeAdvance(chain: usize, kind: i32, steps: i32): i32 {
  return advance(changetype<Chain>(chain), kind, steps);
}

export function polytopeStream(stream: usize): void {
  streamReload(changetype<Stream>(stream));
}

export function polytopeLogWeights(body: usize, slack: usize, out: usize): bool {
  return logWeights(changetype<Body>(body), slack, out);
}

export function polytopeHessianWeights(body: usize, slack: usize, out: usize): bool {
  return hessianWeights(changetype<Body>(body), slack, out);
}

export function polytopeTruncatedNormal(stream: usize, mean: f64, sd: f64, low: f64, high: f64): f64 {
  return truncatedNormal(changetype<Stream>(stream), mean, sd, low, high);
}

/** A^T (d x n) packed for products with new weights; the address of the copies. */
export function polytopePack(n: i32, d: i32, At: usize, single: bool): usize {
  if (single) {
    const to = allocateArray<f32>(packedSize<f32>(n, d));
    packGram<f32>(n, d, At, to);
    return to;
  }
  const to = allocateArray<f64>(packedSize<f64>(n, d));
  packGram<f64>(n, d, At, to);
  return to;
}
