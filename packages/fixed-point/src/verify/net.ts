import type { DenseLayer } from '../net/looped-net.ts';
import { add, type Fixed, fixed, meet, middle, multiply, subtract, ZERO } from './fixed.ts';
import { type Bounds, boundsOf } from './functions.ts';

/** The data of a network: all that the checker looks at. */
export interface NetData {
  readonly dimension: number;
  readonly layers: readonly DenseLayer[];
  readonly residual: number;
}

/** A network in exact arithmetic. */
export interface ExactNet {
  readonly dimension: number;
  readonly weights: readonly (readonly Fixed[][])[];
  readonly bias: readonly (readonly Fixed[])[];
  readonly activations: readonly Bounds[];
  readonly residual: Fixed;
}

/** Whether the layers follow each other from `dimension` inputs to as many outputs, with a weight for each pair and a bias for each output. */
export function isChain({ dimension, layers }: NetData): boolean {
  const widths = [dimension, ...layers.map(({ outputs }) => outputs)];
  const fits = layers.every(
    ({ inputs, outputs, weights, bias }, l) => inputs === widths[l] && weights.length === inputs * outputs && bias.length === outputs,
  );
  return layers.length > 0 && fits && widths.at(-1) === dimension;
}

/**
 * @returns undefined where an activation is not known.
 * @throws RangeError for numbers that are not finite.
 */
export function exactNet({ dimension, layers, residual }: NetData): ExactNet | undefined {
  const activations: Bounds[] = [];
  for (const { activation } of layers) {
    const bounds = boundsOf(activation);
    if (bounds === undefined) return undefined;
    activations.push(bounds);
  }
  return {
    dimension,
    weights: layers.map(({ weights, inputs, outputs }) =>
      Array.from({ length: outputs }, (_, i) => Array.from(weights.subarray(i * inputs, (i + 1) * inputs), fixed)),
    ),
    bias: layers.map(({ bias }) => Array.from(bias, fixed)),
    activations,
    residual: fixed(residual),
  };
}

/** f over a box and its Jacobian over it, by natural extension. */
export function extension(net: ExactNet, X: readonly Fixed[]): { value: Fixed[]; jacobian: Fixed[][] } {
  let input = X;
  let J: Fixed[][] | undefined;
  for (const [l, W] of net.weights.entries()) {
    const { value, slope } = net.activations[l];
    const z = W.map((row, i) => row.reduce((sum, w, k) => add(sum, multiply(w, input[k])), net.bias[l][i]));
    const before = J;
    J = W.map((row, i) => {
      const s = slope(z[i]);
      if (before === undefined) return row.map((w) => multiply(s, w));
      return before[0].map((_, j) =>
        multiply(
          s,
          row.reduce((sum, w, k) => add(sum, multiply(w, before[k][j])), ZERO),
        ),
      );
    });
    input = z.map(value);
  }
  const jacobian = J as Fixed[][];
  for (let i = 0; i < net.dimension; i++) jacobian[i][i] = add(jacobian[i][i], net.residual);
  return { value: input.map((v, i) => add(v, multiply(net.residual, X[i]))), jacobian };
}

/** f over a box, by natural extension and by f(c) + J (X - c), whichever is narrower; with the Jacobian. */
export function tightExtension(net: ExactNet, X: readonly Fixed[]): { value: Fixed[]; jacobian: Fixed[][] } {
  const { value, jacobian } = extension(net, X);
  const center = X.map(middle);
  const at = extension(net, center).value;
  const off = X.map((x, j) => subtract(x, center[j]));
  const linear = jacobian.map((row, i) => row.reduce((sum, entry, j) => add(sum, multiply(entry, off[j])), at[i]));
  return { value: value.map((v, i) => meet(v, linear[i])), jacobian };
}
