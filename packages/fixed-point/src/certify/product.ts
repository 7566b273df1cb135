import { ArgumentError, ShapeError } from '@x/linalg';
import { checkRange, finiteMatrix } from '../check.ts';
import type { Box } from '../interval/box.ts';
import { above, below, TINY, U } from '../interval/round.ts';
import { activationOf } from '../net/activation.ts';
import type { LoopedNet } from '../net/looped-net.ts';
import type { NoCertificate } from './certificate.ts';
import { grow, largest } from './grow.ts';
import { perronWeights, weightedNorm } from './row-sums.ts';

/**
 * A proof that each of m^d boxes holds exactly one fixed point, which attracts: coordinate j of a box is any of m disjoint intervals, chosen
 * for each j on its own. Its size is O(d m), not m^d.
 */
export interface ProductCertificate {
  readonly status: 'certified';
  readonly kind: 'product';
  readonly dimension: number;
  /** m. */
  readonly choices: number;
  /** m^d. */
  readonly count: bigint;
  /** d x m, row by row: choice s of coordinate j is [lower[j m + s], upper[j m + s]]. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** K < 1 on each of the boxes, in the norm max |x_i| / weights_i. */
  readonly contraction: number;
  readonly weights: Float64Array;
  /** Disturbances of up to this much a loop keep every orbit in its box. */
  readonly noiseRadius: number;
}

export interface ProductOptions {
  /** Disturbances that the boxes must withstand; `largest` finds the most. Default 0. */
  readonly noise?: number | 'largest';
  /** Only contraction factors below this count. Default 1. */
  readonly contraction?: number;
}

/**
 * Certifies m^d attracting fixed points at once, for a single layer g(W x + b) whose coordinates depend on each other weakly.
 *
 * For each coordinate and choice, its interval is mapped together with the hulls of all choices of the other coordinates; when it comes to lie in
 * itself, for all of them, every combination does.
 *
 * @param points - where the choices are, near: m numbers for all coordinates, or a d x m matrix. The intervals are grown from them.
 * @throws ArgumentError for a network of several layers; ShapeError; NonFiniteError.
 * Cost: O(d^2 + d m) a step of growth, of which there are a few dozen.
 */
export function certifyProduct(
  net: LoopedNet,
  points: ArrayLike<number> | Parameters<typeof finiteMatrix>[2],
  options: ProductOptions = {},
): ProductCertificate | NoCertificate {
  const { noise = 0, contraction = 1 } = options;
  if (noise !== 'largest') checkRange('certifyProduct', 'noise', noise, 0);
  checkRange('certifyProduct', 'contraction', contraction, Number.MIN_VALUE, 1);
  if (net.layers.length !== 1 || net.residual !== 0) {
    throw new ArgumentError('certifyProduct: the network has several layers, or a residual; it must be one layer g(W x + b)', 'net');
  }
  const start = startOf(net.dimension, points);
  const attempt = (eta: number) => attemptProduct(net, start, eta, contraction);
  if (noise !== 'largest') return attempt(noise);
  const success = (eta: number) => {
    const outcome = attempt(eta);
    return outcome.status === 'certified' ? outcome : undefined;
  };
  let most = 1;
  while (most < Number.MAX_VALUE / 2 && success(most) !== undefined) most *= 2;
  return largest(most, success) ?? attempt(0);
}

function startOf(d: number, points: ArrayLike<number> | Parameters<typeof finiteMatrix>[2]): Float64Array {
  if (typeof points !== 'object' || points === null || ('data' in points ? points.cols : points.length) === 0) {
    throw new ArgumentError('certifyProduct: points has no numbers; at least one for each coordinate is needed', 'points');
  }
  if ('data' in points) {
    if (points.rows !== d) throw new ShapeError(`certifyProduct: points has ${points.rows} rows; the network has ${d} coordinates`);
    return finiteMatrix('certifyProduct', 'points', points);
  }
  const m = points.length;
  return finiteMatrix('certifyProduct', 'points', {
    rows: d,
    cols: m,
    data: Float64Array.from({ length: d * m }, (_, p) => points[p % m]),
    offset: 0,
    rowStride: m,
    colStride: 1,
  });
}

function attemptProduct(net: LoopedNet, start: Float64Array, noise: number, limit: number): ProductCertificate | NoCertificate {
  const d = net.dimension;
  const m = start.length / d;
  const { range, norm } = productRange(net, m);
  const X = grow(range, { lower: start, upper: start }, noise);
  if (X === undefined) return { status: 'unknown', reason: 'the intervals are not seen to be mapped into themselves' };
  const image = range(X);
  const { contraction, weights } = norm(X);
  if (!(contraction < limit))
    return { status: 'unknown', reason: `f is not seen to contract by less than ${limit} on the boxes`, contraction };
  for (let j = 0; j < d; j++) {
    const intervals = Array.from({ length: m }, (_, s) => [X.lower[j * m + s], X.upper[j * m + s]]).sort((a, b) => a[0] - b[0]);
    for (let s = 1; s < m; s++) {
      if (!(intervals[s - 1][1] < intervals[s][0])) return { status: 'unknown', reason: `intervals of coordinate ${j} overlap` };
    }
  }
  let noiseRadius = Infinity;
  for (let p = 0; p < d * m; p++) {
    noiseRadius = Math.min(noiseRadius, below(image.lower[p] - X.lower[p]), below(X.upper[p] - image.upper[p]));
  }
  return {
    status: 'certified',
    kind: 'product',
    dimension: d,
    choices: m,
    count: BigInt(m) ** BigInt(d),
    ...X,
    contraction,
    weights,
    noiseRadius: Math.max(0, noiseRadius),
  };
}

/** Bounds of the images of all intervals, and of the norm of the Jacobians over all boxes. */
function productRange(net: LoopedNet, m: number) {
  const [{ weights: W, bias, activation }] = net.layers;
  const d = net.dimension;
  const g = activationOf(activation);
  const eta = 2 * Math.floor((d + 6) / 2) * U;
  const error = (d + 4) * U;
  const middle = new Float64Array(d);
  const radius = new Float64Array(d);
  const pair = new Float64Array(2);

  /** Visits the bounds of W x + b in coordinate j for choice s, as in affine.ts. */
  function visit({ lower, upper }: Box, each: (p: number, j: number, low: number, high: number) => void): void {
    for (let j = 0; j < d; j++) {
      let low = lower[j * m];
      let high = upper[j * m];
      for (let p = j * m + 1; p < (j + 1) * m; p++) {
        low = Math.min(low, lower[p]);
        high = Math.max(high, upper[p]);
      }
      middle[j] = low / 2 + high / 2;
      radius[j] = above(Math.max(middle[j] - low, high - middle[j]));
    }
    for (let j = 0; j < d; j++) {
      let value = bias[j];
      let sizes = Math.abs(bias[j]);
      let reach = 0;
      for (let k = 0; k < d; k++) {
        if (k === j) continue;
        const w = W[j * d + k];
        const product = w * middle[k];
        value += product;
        sizes += Math.abs(product);
        reach += Math.abs(w) * radius[k];
      }
      const w = W[j * d + j];
      for (let p = j * m; p < (j + 1) * m; p++) {
        const c = lower[p] / 2 + upper[p] / 2;
        const r = above(Math.max(c - lower[p], upper[p] - c));
        const z = value + w * c;
        const spread = above((1 + eta) * (reach + Math.abs(w) * r) + error * (sizes + Math.abs(w * c)) + TINY);
        each(p, j, below(z - spread), above(z + spread));
      }
    }
  }

  return {
    range(X: Box): Box {
      const image = { lower: new Float64Array(d * m), upper: new Float64Array(d * m) };
      visit(X, (p, _j, low, high) => {
        g.range(low, high, pair);
        image.lower[p] = pair[0];
        image.upper[p] = pair[1];
      });
      return image;
    },
    norm(X: Box): { contraction: number; weights: Float64Array } {
      const steepest = new Float64Array(d);
      visit(X, (_p, j, low, high) => {
        g.slopeRange(low, high, pair);
        const most = Math.max(-pair[0], pair[1]);
        // NaN, once there, stays.
        if (!(most <= steepest[j]) && steepest[j] === steepest[j]) steepest[j] = most;
      });
      const A = W.map((w, p) => above(Math.abs(w) * steepest[Math.floor(p / d)]));
      const ones = new Float64Array(d).fill(1);
      const contraction = weightedNorm(A, ones);
      if (contraction < 1 || contraction !== contraction) return { contraction, weights: ones };
      const weights = perronWeights(A, d);
      return { contraction: weightedNorm(A, weights), weights };
    },
  };
}

/** Box number `index` of a product: its digits in base m, the first coordinate's lowest, say which choice each coordinate makes. */
export function productBox({ dimension, choices, lower, upper, count }: ProductCertificate, index: bigint): Box {
  if (typeof index !== 'bigint' || index < 0n || index >= count) {
    throw new ArgumentError(`productBox: index is ${String(index)}; it must be a bigint in [0, ${count})`, 'index');
  }
  const result = { lower: new Float64Array(dimension), upper: new Float64Array(dimension) };
  let rest = index;
  for (let j = 0; j < dimension; j++) {
    const p = j * choices + Number(rest % BigInt(choices));
    rest /= BigInt(choices);
    result.lower[j] = lower[p];
    result.upper[j] = upper[p];
  }
  return result;
}
