import { ArgumentError, dense, philox } from '@x/linalg';
import { certifyProduct, type ProductCertificate, productBox } from '../certify/product.ts';
import { checkChoice, checkRange, checkWhole, finiteVector } from '../check.ts';
import { NotContractiveError } from '../errors.ts';
import type { Box } from '../interval/box.ts';
import { tanh } from '../interval/sigmoids.ts';
import type { ActivationSpec } from '../net/activation.ts';
import { type LoopedNet, loopedNet } from '../net/looped-net.ts';
import { hermite } from './hermite.ts';

export interface HypercubeOptions {
  /** d. */
  readonly dimension: number;
  /**
   * The activation of each coordinate. `cubic`: (3 z - z^3) / 2, attracting at -1 and 1. `exp`: a cubic in e^z, attracting at 0 and ln 2. `tanh`:
   * tanh(gain z), attracting at +-x with x = tanh(gain x). `hermite`: the polynomial with the given attracting values.
   */
  readonly kind: 'cubic' | 'exp' | 'tanh' | 'hermite';
  /** Of `tanh`, above 1. Default 2. */
  readonly gain?: number;
  /** Of `hermite`: at least two, different. Default [-1, 0, 1]. */
  readonly values?: ArrayLike<number>;
  /** ||E||_inf in W = I + E (times the gain), E random. Default 0. */
  readonly weightNoise?: number;
  /** Largest |b_j|, b random. Default 0. */
  readonly biasNoise?: number;
  /** Disturbances of each loop that every box must withstand; default the most that can be proved. */
  readonly noise?: number | 'largest';
  /** Only contraction factors below this count. Default 1; the paper's is 0.95. */
  readonly contraction?: number;
  /** Of E and b. Default 0. */
  readonly seed?: number;
}

/** A network with m^d attracting fixed points, proved. */
export interface Hypercube {
  readonly net: LoopedNet;
  /** The attracting values of one coordinate without noise, near which the fixed points lie. */
  readonly values: readonly number[];
  readonly certificate: ProductCertificate;
  /** m^d. */
  readonly count: bigint;
  readonly contraction: number;
  readonly noiseRadius: number;
  /** Box number `index`, 0 <= index < count: digit j of the index in base m says near which value coordinate j is. */
  box(index: bigint): Box;
}

/**
 * A looped network x -> g(W x + b) with m attracting values a coordinate, hence m^d robust fixed points, and the proof, for noisy weights,
 * biases and iterations.
 *
 * @throws NotContractiveError where the noise is too large for a proof; ArgumentError.
 * Cost: O(d^2).
 * Source: Ke, Li, Liang, Shi, Song 2024, arXiv 2410.11279, theorem 5.1; the constants here are derived anew, see the README.
 */
export function hypercubeFixedPoints(options: HypercubeOptions): Hypercube {
  const { dimension: d, kind, gain = 2, weightNoise = 0, biasNoise = 0, noise = 'largest', contraction = 1, seed = 0 } = options;
  checkWhole('hypercubeFixedPoints', 'dimension', d, 1, 1e5);
  checkChoice('hypercubeFixedPoints', 'kind', kind, ['cubic', 'exp', 'tanh', 'hermite']);
  checkRange('hypercubeFixedPoints', 'weightNoise', weightNoise, 0);
  checkRange('hypercubeFixedPoints', 'biasNoise', biasNoise, 0);
  const { activation, values, scale } = coordinate(kind, gain, options.values ?? [-1, 0, 1]);
  const net = noisyIdentity(d, activation, scale, weightNoise, biasNoise, seed);
  const certificate = certifyProduct(net, values, { noise, contraction });
  if (certificate.status !== 'certified') {
    throw new NotContractiveError(
      `hypercubeFixedPoints: ${certificate.reason}; with less noise there is a proof`,
      certificate.contraction ?? Number.NaN,
    );
  }
  return {
    net,
    values,
    certificate,
    count: certificate.count,
    contraction: certificate.contraction,
    noiseRadius: certificate.noiseRadius,
    box: (index) => productBox(certificate, index),
  };
}

interface Coordinate {
  readonly activation: ActivationSpec;
  readonly values: readonly number[];
  /** Of the weights and biases. */
  readonly scale: number;
}

function coordinate(kind: HypercubeOptions['kind'], gain: number, values: ArrayLike<number>): Coordinate {
  if (kind === 'cubic') return { activation: 'cubic', values: [-1, 1], scale: 1 };
  if (kind === 'exp') {
    // g = ln 2 (3 t^2 - 2 t^3) with t = e^z - 1.
    const coefficients = [5, -12, 9, -2].map((c) => c * Math.LN2);
    return { activation: { kind: 'exp-polynomial', coefficients }, values: [0, Math.LN2], scale: 1 };
  }
  if (kind === 'tanh') {
    checkRange('hypercubeFixedPoints', 'gain', gain, 1 + 1e-6, 1e6);
    let x = 1;
    for (let step = 0; step < 1e5; step++) x = tanh(gain * x);
    return { activation: 'tanh', values: [-x, x], scale: gain };
  }
  const wanted = [...finiteVector('hypercubeFixedPoints', 'values', values)].sort((a, b) => a - b);
  if (wanted.length < 2 || wanted.some((v, i) => i > 0 && v === wanted[i - 1])) {
    throw new ArgumentError(
      `hypercubeFixedPoints: values is [${wanted.join(', ')}]; it must hold at least two different numbers`,
      'values',
    );
  }
  return { activation: { kind: 'polynomial', coefficients: hermite(wanted) }, values: wanted, scale: 1 };
}

function noisyIdentity(
  d: number,
  activation: ActivationSpec,
  scale: number,
  weightNoise: number,
  biasNoise: number,
  seed: number,
): LoopedNet {
  const rng = philox(seed);
  const W = new Float64Array(d * d);
  if (weightNoise > 0) rng.fillUniform(W);
  const b = rng.fillUniform(new Float64Array(d)).map((u) => scale * biasNoise * (2 * u - 1));
  for (let i = 0; i < d; i++) {
    const row = W.subarray(i * d, (i + 1) * d);
    if (weightNoise > 0) {
      for (let j = 0; j < d; j++) row[j] = 2 * row[j] - 1;
      const sum = row.reduce((total, w) => total + Math.abs(w), 0);
      for (let j = 0; j < d; j++) row[j] *= (scale * weightNoise) / sum;
    }
    row[i] += scale;
  }
  return loopedNet({ weights: dense(d, d, W), bias: b, activation });
}

/** What symmetric boxes around the corners allow, for W = I. */
export interface CubicLimits {
  /** Half side of the boxes. */
  readonly radius: number;
  /** Largest |b_j|, of either sign. */
  readonly bias: number;
}

/**
 * The largest bias of the cubic construction for which boxes |x - s| <= radius around all corners s are mapped into themselves with a contraction
 * factor of at most K: with delta = radius + bias, |g(z) - s| <= 1.5 delta^2 + 0.5 delta^3 and |g'(z)| <= 1.5 (2 delta + delta^2).
 *
 * @param contraction - K in (0, 1].
 */
export function cubicLimits(contraction: number): CubicLimits {
  checkRange('cubicLimits', 'contraction', contraction, Number.MIN_VALUE, 1);
  const delta = Math.sqrt(1 + (2 * contraction) / 3) - 1;
  const radius = 1.5 * delta * delta + 0.5 * delta * delta * delta;
  return { radius, bias: delta - radius };
}
