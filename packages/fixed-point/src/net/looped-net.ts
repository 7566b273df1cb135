import { ArgumentError, type Dense, ShapeError } from '@x/linalg';
import { checkRange, finiteMatrix, finiteVector } from '../check.ts';
import { affineRange } from '../interval/affine.ts';
import { centerOf, radiiOf } from '../interval/box.ts';
import { batchOf, evaluateByKernel } from '../kernel/program.ts';
import type { BatchFn } from '../solve/batch.ts';
import { type Activation, type ActivationSpec, activationOf } from './activation.ts';
import { layerJacobian, type MidRad, scaledRows, toBounds, weightedProduct } from './jacobian-range.ts';
import type { IntervalMap } from './map.ts';
import { addMultiple, meanValueForm } from './mean-value.ts';

/** x -> activation(W x + b). */
export interface Layer {
  /** n x m for m inputs and n outputs. */
  readonly weights: Dense;
  /** n entries. Default zeros. */
  readonly bias?: ArrayLike<number>;
  /** Default `identity`. */
  readonly activation?: ActivationSpec;
}

export interface LoopedNetOptions {
  /** f(x) = residual x + layers(x). Default 0; a residual block has 1. */
  readonly residual?: number;
}

/** A layer as it is kept: row-major weights, a bias, and the activation as the model names it. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  readonly activation: ActivationSpec;
}

/** Fewer points than this are faster one by one than copied into the kernel, which takes eight together. */
const WORTH_A_CALL = 4;

/** A network that is applied to its own output. */
export interface LoopedNet extends IntervalMap {
  readonly layers: readonly DenseLayer[];
  readonly residual: number;
  /** Writes J_f(x) v. */
  jvp(x: Float64Array, v: Float64Array, out: Float64Array): void;
  /** Writes f of each of `rows` points, one after the other in `X`, with the bits of `evaluate`: for `solveBatch` and `basinMap`. */
  readonly batch: BatchFn;
}

/**
 * A network x -> residual x + g_L(W_L ... g_1(W_1 x + b_1) ... + b_L), to be applied again and again.
 *
 * @param layers - one or several; the last has as many outputs as the first has inputs. Everything is copied.
 * @throws ShapeError when sizes do not fit; NonFiniteError naming the entry; ArgumentError for an unknown activation.
 */
export function loopedNet(layers: Layer | readonly Layer[], options: LoopedNetOptions = {}): LoopedNet {
  const given: readonly Layer[] = Array.isArray(layers) ? layers : [layers as Layer];
  if (given.length === 0) throw new ArgumentError('loopedNet: there are no layers; at least one is needed', 'layers');
  const residual = options.residual ?? 0;
  checkRange('loopedNet', 'residual', residual, -Number.MAX_VALUE);
  const kept = given.map(denseLayer);
  for (const [k, { inputs, outputs }] of kept.entries()) {
    const next = kept[(k + 1) % kept.length];
    if (outputs !== next.inputs) {
      const where = k + 1 < kept.length ? `layer ${k + 1}` : 'layer 0, to which it is fed back,';
      throw new ShapeError(`loopedNet: layer ${k} has ${outputs} outputs; ${where} has ${next.inputs} inputs`);
    }
    if (inputs === 0) throw new ShapeError('loopedNet: a layer has no inputs; a network needs at least one coordinate');
  }
  return netOf(kept, residual);
}

function denseLayer({ weights, bias, activation = 'identity' }: Layer, k: number): DenseLayer {
  const entries = finiteMatrix('loopedNet', `layers[${k}].weights`, weights);
  return {
    inputs: weights.cols,
    outputs: weights.rows,
    weights: entries,
    bias: finiteVector('loopedNet', `layers[${k}].bias`, bias ?? new Float64Array(weights.rows), weights.rows),
    activation: copied(activation),
  };
}

function copied(activation: ActivationSpec): ActivationSpec {
  if (typeof activation !== 'object' || activation === null) return activation;
  return 'coefficients' in activation ? { ...activation, coefficients: Array.from(activation.coefficients) } : { ...activation };
}

function netOf(layers: readonly DenseLayer[], residual: number): LoopedNet {
  const d = layers[0].inputs;
  const activations = layers.map(({ activation }) => activationOf(activation));
  const pre = layers.map(({ outputs }) => new Float64Array(outputs));
  const post = layers.map(({ outputs }) => new Float64Array(outputs));
  const tangent = layers.map(({ outputs }) => new Float64Array(outputs));
  const least = layers.map(({ outputs }) => new Float64Array(outputs));
  const most = layers.map(({ outputs }) => new Float64Array(outputs));
  const pair = new Float64Array(2);
  /** What the interval Jacobian bounds more tightly than the layers one by one. */
  const compound = layers.length > 1 || residual !== 0;

  /** Fills pre- and post-activations. */
  function forward(x: Float64Array): void {
    let input = x;
    for (let l = 0; l < layers.length; l++) {
      const { weights, bias } = layers[l];
      const { value } = activations[l];
      for (let i = 0, p = 0; i < bias.length; i++) {
        let sum = bias[i];
        for (let k = 0; k < input.length; k++) sum += weights[p++] * input[k];
        pre[l][i] = sum;
        post[l][i] = value(sum);
      }
      input = post[l];
    }
  }

  function batch(X: Float64Array, out: Float64Array, rows: number): void {
    if (rows >= WORTH_A_CALL) evaluateByKernel({ layers, residual }, X, out, rows);
    else for (let k = 0; k < rows; k++) evaluate(X.subarray(k * d, (k + 1) * d), out.subarray(k * d, (k + 1) * d));
  }

  function evaluate(x: Float64Array, out: Float64Array): void {
    forward(x);
    const last = post[layers.length - 1];
    if (residual === 0) out.set(last);
    else for (let i = 0; i < d; i++) out[i] = residual * x[i] + last[i];
  }

  /** J v at the point of the last `forward`. */
  function push(v: Float64Array, out: Float64Array): void {
    let input = v;
    for (let l = 0; l < layers.length; l++) {
      const { weights, outputs } = layers[l];
      for (let i = 0, p = 0; i < outputs; i++) {
        let sum = 0;
        for (let k = 0; k < input.length; k++) sum += weights[p++] * input[k];
        tangent[l][i] = activations[l].slope(pre[l][i]) * sum;
      }
      input = tangent[l];
    }
    for (let i = 0; i < d; i++) out[i] = residual * v[i] + input[i];
  }

  function jacobian(x: Float64Array, out: Float64Array): void {
    forward(x);
    const e = new Float64Array(d);
    const column = new Float64Array(d);
    for (let j = 0; j < d; j++) {
      e[j] = 1;
      push(e, column);
      e[j] = 0;
      for (let i = 0; i < d; i++) out[i * d + j] = column[i];
    }
  }

  /** Bounds of each layer's input to its activation, in `least` and `most`; `visit` sees them before they become its output's. */
  function bounded(lower: Float64Array, upper: Float64Array, visit: (l: number) => void): void {
    let input = { lower, upper };
    for (let l = 0; l < layers.length; l++) {
      const { weights, bias } = layers[l];
      const center = centerOf(input);
      affineRange(weights, bias, center, radiiOf(input, center), least[l], most[l]);
      visit(l);
      const { range } = activations[l];
      for (let i = 0; i < bias.length; i++) {
        range(least[l][i], most[l][i], pair);
        least[l][i] = pair[0];
        most[l][i] = pair[1];
      }
      input = { lower: least[l], upper: most[l] };
    }
  }

  function jacobianRange(lower: Float64Array, upper: Float64Array, outLower: Float64Array, outUpper: Float64Array): void {
    let J: MidRad | undefined;
    bounded(lower, upper, (l) => {
      const layer = layers[l];
      const slopes = slopesOver(activations[l], least[l], most[l]);
      J = J === undefined ? layerJacobian(layer, slopes) : scaledRows(weightedProduct(layer, J), slopes);
    });
    toBounds(J as MidRad, residual, d, outLower, outUpper);
  }

  function layerwise(lower: Float64Array, upper: Float64Array, outLower: Float64Array, outUpper: Float64Array): void {
    bounded(lower, upper, () => {});
    outLower.set(least[layers.length - 1]);
    outUpper.set(most[layers.length - 1]);
    if (residual !== 0) addMultiple(residual, lower, upper, outLower, outUpper);
  }

  function range(lower: Float64Array, upper: Float64Array, outLower: Float64Array, outUpper: Float64Array): void {
    layerwise(lower, upper, outLower, outUpper);
    if (compound) meanValueForm(map, layerwise, lower, upper, outLower, outUpper);
  }

  const map: LoopedNet = {
    dimension: d,
    layers,
    residual,
    evaluate,
    jacobian,
    jvp(x, v, out) {
      forward(x);
      push(v, out);
    },
    batch: batchOf({ layers, residual }, batch),
    range,
    jacobianRange,
  };
  return map;
}

/** Bounds of the slopes of an activation, neuron by neuron. */
function slopesOver({ slopeRange }: Activation, lower: Float64Array, upper: Float64Array): { lower: Float64Array; upper: Float64Array } {
  const pair = new Float64Array(2);
  const slopes = { lower: new Float64Array(lower.length), upper: new Float64Array(lower.length) };
  for (let i = 0; i < lower.length; i++) {
    slopeRange(lower[i], upper[i], pair);
    slopes.lower[i] = pair[0];
    slopes.upper[i] = pair[1];
  }
  return slopes;
}
