import { dense, inverse, SingularError } from '@x/linalg';
import type { Box } from '../interval/box.ts';
import { above, below, TINY, U } from '../interval/round.ts';
import { eigenbasis } from '../spectrum/eigenbasis.ts';

/** What the eigenvalues of every matrix within bounds show. */
export interface Attraction {
  /** true: the matrices contract in a norm; false: each has an eigenvalue outside the unit circle. */
  readonly attracting: boolean | 'unknown';
  /** The basis V, d x d row by row, in which this shows; empty where it shows in the given coordinates. */
  readonly basis: Float64Array;
}

/** An interval matrix by middle and radius, row by row. */
interface MidRad {
  readonly mid: Float64Array;
  readonly rad: Float64Array;
}

/** Eigenvalues: within `radius` of re + i im or re - i im, as many as `size`. */
interface Disc {
  readonly re: number;
  readonly im: number;
  readonly radius: number;
}

/**
 * Tells by Gershgorin's discs whether every matrix within bounds attracts or has an eigenvalue outside the unit circle: first as it stands, then in a
 * basis of approximate eigenvectors, where discs are hardly larger than the bounds. Connected discs hold as many eigenvalues as they are,
 * so a group wholly outside the circle proves one there; discs inside the circle prove a contraction in the norm max_I ||(V^-1 x)_I||_2.
 *
 * Cost: O(d^3).
 * Source: D. Feingold and R. Varga, Block diagonally dominant matrices and generalizations of the Gerschgorin circle theorem, Pacific J. Math. 12
 * (1962), with blocks [a, b; -b, a], which are normal, for complex pairs.
 */
export function attractionOf(J: Box, d: number): Attraction {
  const own: MidRad = { mid: new Float64Array(d * d), rad: new Float64Array(d * d) };
  for (let p = 0; p < d * d; p++) {
    own.mid[p] = J.lower[p] / 2 + J.upper[p] / 2;
    own.rad[p] = above(Math.max(J.upper[p] - own.mid[p], own.mid[p] - J.lower[p]));
  }
  const plain = verdictOf(discsOf(own, d));
  if (plain !== 'unknown') return { attracting: plain, basis: new Float64Array(0) };
  const basis = eigenbasis(own.mid, d);
  const similar = basis === undefined ? undefined : inBasis(own, basis, d);
  const attracting = similar === undefined ? 'unknown' : verdictOf(discsOf(similar, d));
  return { attracting, basis: attracting === 'unknown' || basis === undefined ? new Float64Array(0) : basis };
}

/** Bounds of V^-1 J V; undefined where V is singular, or too near to it. */
export function inBasis({ mid, rad }: MidRad, V: Float64Array, d: number): MidRad | undefined {
  if (!V.every((v) => v - v === 0)) return undefined;
  let Y: Float64Array;
  try {
    Y = inverse(dense(d, d, V)).data;
  } catch (error) {
    if (error instanceof SingularError || (error as Error).name === 'NonFiniteError') return undefined;
    throw error;
  }
  const exact = new Float64Array(d * d);
  const M = product({ mid: Y, rad: exact }, product({ mid, rad }, { mid: V, rad: exact }, d), d);
  const YV = product({ mid: Y, rad: exact }, { mid: V, rad: exact }, d);
  // ||I - Y V|| <= rho makes V^-1 = (I + S) Y with ||S|| <= rho / (1 - rho).
  let rho = 0;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum = above(sum + above(Math.abs((i === j ? 1 : 0) - YV.mid[i * d + j]) * (1 + 2 * U) + YV.rad[i * d + j]));
    rho = Math.max(rho, sum);
  }
  if (!(rho < 0.5)) return undefined;
  const sigma = above(rho / below(1 - rho));
  for (let j = 0; j < d; j++) {
    let most = 0;
    for (let k = 0; k < d; k++) most = Math.max(most, above(Math.abs(M.mid[k * d + j]) + M.rad[k * d + j]));
    for (let i = 0; i < d; i++) M.rad[i * d + j] = above(M.rad[i * d + j] + above(sigma * most));
  }
  return M;
}

/** A B; the error of a sum of d products, and the factor that makes up for the rounding of radii, as in affine.ts. */
function product(A: MidRad, B: MidRad, d: number): MidRad {
  const result = { mid: new Float64Array(d * d), rad: new Float64Array(d * d) };
  const inflation = 1 + 4 * Math.floor((d + 8) / 2) * U;
  const error = (d + 4) * U;
  const sizes = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    const mid = result.mid.subarray(i * d, (i + 1) * d);
    const rad = result.rad.subarray(i * d, (i + 1) * d);
    sizes.fill(0);
    for (let k = 0; k < d; k++) {
      const a = A.mid[i * d + k];
      const size = Math.abs(a);
      const spread = A.rad[i * d + k];
      for (let j = 0, p = k * d; j < d; j++, p++) {
        mid[j] += a * B.mid[p];
        sizes[j] += size * Math.abs(B.mid[p]);
        rad[j] += (size + spread) * B.rad[p] + spread * Math.abs(B.mid[p]);
      }
    }
    for (let j = 0; j < d; j++) rad[j] = above(inflation * rad[j] + 2 * error * sizes[j] + TINY);
  }
  return result;
}

/** Neighbours that look like a complex pair are taken together: any choice is valid, and this one good in a basis of eigenvectors. */
function discsOf({ mid, rad }: MidRad, d: number): Disc[] {
  const discs: Disc[] = [];
  const size = (p: number) => above(Math.abs(mid[p]) + rad[p]);
  for (let i = 0; i < d; i++) {
    const p = i * (d + 1);
    const q = p + d + 1;
    const isPair = i + 1 < d && mid[p + 1] * mid[q - 1] < 0 && Math.abs(mid[p + 1] - mid[q - 1]) > Math.abs(mid[p] - mid[q]);
    let radius = 0;
    for (const row of isPair ? [i, i + 1] : [i]) {
      for (let j = 0; j < d; j++) if (j !== i && !(isPair && j === i + 1)) radius = above(radius + size(row * d + j));
    }
    if (!isPair) {
      discs.push({ re: mid[p], im: 0, radius: above(radius + rad[p]) });
      continue;
    }
    const a = mid[p] / 2 + mid[q] / 2;
    const b = mid[p + 1] / 2 - mid[q - 1] / 2;
    // The block less [a, b; -b, a], in a norm that is above the Euclidean one.
    const off = [mid[p] - a, mid[q] - a, mid[p + 1] - b, mid[q - 1] + b];
    for (const [k, at] of [p, q, p + 1, q - 1].entries()) radius = above(radius + above(above(Math.abs(off[k])) + rad[at]));
    discs.push({ re: a, im: Math.abs(b), radius });
    i++;
  }
  return discs;
}

/** More than what squares, their sum and its root lose. */
const ROOT = 8 * U;

function verdictOf(discs: readonly Disc[]): boolean | 'unknown' {
  const modulus = ({ re, im }: Disc) => Math.sqrt(re * re + im * im);
  if (discs.every((disc) => above(above(modulus(disc) * (1 + ROOT) + TINY) + disc.radius) < 1)) return true;
  const outside = (disc: Disc) => below(below(modulus(disc) * (1 - ROOT)) - disc.radius) > 1;
  const apart = (x: Disc, y: Disc) => {
    const distance = Math.sqrt((x.re - y.re) ** 2 + (x.im - y.im) ** 2);
    return below(distance * (1 - ROOT)) > above(x.radius + y.radius);
  };
  const rest = new Set(discs);
  for (const start of discs) {
    if (!rest.delete(start)) continue;
    const group = [start];
    for (const disc of group) {
      for (const other of rest) if (!apart(disc, other) && rest.delete(other)) group.push(other);
    }
    if (group.every(outside)) return false;
  }
  return 'unknown';
}
