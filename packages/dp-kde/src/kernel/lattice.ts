import { exp } from '@x/linalg';
import type { Bounds } from '../design.ts';

/**
 * The half-kernel features of the Gaussian kernel exp(-|x - y|^2 / (2 h^2)) on a lattice of step s: phi(x)_t = g(x - t) / sqrt(N), g(u) = exp(-|u|^2 / h^2),
 * N = (h sqrt(pi / 2) / s)^d. Then sum_t phi(x)_t phi(y)_t is the kernel, up to a relative 2 exp(-pi^2 h^2 / (2 s^2)) for each dimension (Poisson's
 * summation), and |phi(x)|_2 = 1 likewise. Beyond 3.5 h features are taken as 0.
 *
 * It is the Gaussian-process noise of Hall, Rinaldo and Wasserman 2013 (arXiv 1203.2570) made of independent numbers.
 */
export interface Lattice {
  readonly bounds: readonly Bounds[];
  readonly bandwidth: number;
  /** The step over the bandwidth, and the step. */
  readonly relativeStep: number;
  readonly step: number;
  /** Points along each dimension, the first the slowest, and the first point. */
  readonly sizes: readonly number[];
  readonly origin: readonly number[];
  readonly length: number;
}

/** Features are released in multiples of 1 / ONE. */
export const ONE: number = 2 ** 20;

/** Features end at this many bandwidths: erfc(3.5 sqrt 2) = 2.6e-12 of the squared length lies beyond. */
const REACH = 3.5;

export function latticeOf(bounds: readonly Bounds[], bandwidth: number, relativeStep: number): Lattice {
  const step = relativeStep * bandwidth;
  const margin = REACH * bandwidth;
  const sizes = bounds.map(([lower, upper]) => Math.ceil((upper - lower + 2 * margin) / step) + 1);
  return {
    bounds,
    bandwidth,
    relativeStep,
    step,
    sizes,
    origin: bounds.map(([lower]) => lower - margin),
    length: sizes.reduce((a, b) => a * b, 1),
  };
}

/** Non-zero features of one point, in scratch that the next call overwrites. */
export interface Features {
  /** How many. */
  count: number;
  readonly index: Int32Array;
  readonly value: Float64Array;
}

/** Returns a function that writes the features of point p of Y, row by row, without clamping it. */
export function featureWriter({ bandwidth, step, sizes, origin }: Lattice): (Y: ArrayLike<number>, start: number) => Features {
  const d = sizes.length;
  const reach = Math.floor((2 * REACH * bandwidth) / step) + 2;
  const features: Features = { count: 0, index: new Int32Array(reach ** d), value: new Float64Array(reach ** d) };
  const norm = 1 / Math.sqrt((bandwidth * Math.sqrt(Math.PI / 2)) / step);
  const factors = sizes.map(() => ({ first: 0, count: 0, value: new Float64Array(reach) }));
  return (Y, start) => {
    for (let j = 0; j < d; j++) {
      const factor = factors[j]!;
      const t = ((Y[start + j] as number) - origin[j]!) / step;
      const radius = (REACH * bandwidth) / step;
      factor.first = Math.min(Math.max(0, Math.ceil(t - radius)), sizes[j]!);
      const end = Math.max(factor.first, Math.min(sizes[j]!, Math.floor(t + radius) + 1));
      factor.count = end - factor.first;
      for (let k = 0; k < factor.count; k++) {
        const u = ((factor.first + k - t) * step) / bandwidth;
        factor.value[k] = norm * exp(-u * u);
      }
    }
    features.count = 1;
    features.index[0] = 0;
    features.value[0] = 1;
    for (let j = 0; j < d; j++) expand(features, factors[j]!, sizes[j]!);
    return features;
  };
}

/** The products of what is there with one dimension's factors; from the end, so that nothing is overwritten before it is read. */
function expand(features: Features, { first, count, value }: { first: number; count: number; value: Float64Array }, size: number): void {
  for (let i = features.count - 1; i >= 0; i--) {
    const [index, product] = [features.index[i]! * size + first, features.value[i]!];
    for (let k = count - 1; k >= 0; k--) {
      features.index[i * count + k] = index + k;
      features.value[i * count + k] = product * value[k]!;
    }
  }
  features.count *= count;
}

/**
 * The sum of a point's features: (integral of g) / (s sqrt(N)) = (2 pi)^(1/4) sqrt(h / s) = 1.58323 sqrt(h / s) for each dimension, and a
 * thousandth more for the lattice.
 */
export function absoluteNorm({ bandwidth, step, sizes }: Lattice): number {
  return 1.001 * (1.58323 * Math.sqrt(bandwidth / step)) ** sizes.length;
}
