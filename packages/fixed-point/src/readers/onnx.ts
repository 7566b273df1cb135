import { BadFileError, dense, XError } from '@x/linalg';
import type { ActivationSpec } from '../net/activation.ts';
import { type Layer, type LoopedNet, loopedNet } from '../net/looped-net.ts';
import { type OnnxAttribute, type OnnxNode, type OnnxTensor, readOnnxGraph } from './onnx-wire.ts';

/** A tensor of the graph while it is followed: constant, or scale x + W h + b with x the network's input and h the last hidden layer. */
type Value = OnnxTensor | Linear;

interface Linear {
  /** Which hidden layer h is; 0 is the input itself. */
  readonly layer: number;
  /** n x (size of h), row by row; undefined stands for the identity. */
  readonly W: Float64Array | undefined;
  /** n entries; undefined stands for zeros. */
  readonly b: Float64Array | undefined;
  /** Outputs; undefined while nothing has said how many. */
  readonly n: number | undefined;
  /** Multiple of the input that is added: a residual connection. 0 where the layer is the input. */
  readonly scale: number;
}

const ACTIVATION_OPS: Readonly<Record<string, (node: OnnxNode) => ActivationSpec | undefined>> = {
  Relu: () => 'relu',
  Tanh: () => 'tanh',
  Sigmoid: () => 'sigmoid',
  Gelu: ({ attributes }) => ((attributes.get('approximate')?.s || 'none') === 'none' ? 'gelu' : undefined),
  LeakyRelu: ({ attributes }) => ({ kind: 'leaky-relu', slope: attributes.get('alpha')?.f ?? Math.fround(0.01) }),
};

/** Ops that leave the numbers of a vector, or of a batch of them, as they are. */
const SHAPE_OPS = ['Identity', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Dropout'];
/** Element types that a Cast may go to: FLOAT and DOUBLE. */
const CASTS = [1, 11];

/**
 * The looped network of an ONNX model whose graph is a chain of dense layers with standard activations: from one input of d numbers to one output of
 * d numbers. Gemm, MatMul, Add, Sub, Mul, Div and Neg with constants are folded into weights and biases; x Sigmoid(x) is `silu`, Clip to
 * [-1, 1] `hard-tanh`; adding a multiple of the input gives a residual. The f32 weights of a file are taken as the exact numbers that they are.
 *
 * @throws BadFileError naming the node that is not one of these.
 */
export function readOnnxNet(bytes: Uint8Array): LoopedNet {
  const graph = readOnnxGraph(bytes);
  if (graph.inputs.length !== 1 || graph.outputs.length !== 1) {
    throw new BadFileError(
      `onnx: the graph has ${graph.inputs.length} inputs and ${graph.outputs.length} outputs; a looped network has one of each`,
    );
  }
  const values = new Map<string, Value>(graph.initializers);
  values.set(graph.inputs[0], { layer: 0, W: undefined, b: undefined, n: undefined, scale: 0 });
  const layers: Layer[] = [];
  for (const node of graph.nodes) {
    const args = node.inputs.map((name) => values.get(name));
    values.set(node.outputs[0], resultOf(node, args, layers, values));
  }
  const output = values.get(graph.outputs[0]);
  if (output === undefined) throw new BadFileError(`onnx: the output is not made by the graph, or by a Sigmoid that is used twice`);
  if (isConstant(output)) throw new BadFileError('onnx: the output does not depend on the input');
  if (output.layer !== layers.length) throw new BadFileError('onnx: the output leaves out the last activation');
  if (output.W !== undefined || output.b !== undefined || layers.length === 0) layers.push(layerOf(output, 'identity', 'the output'));
  try {
    return loopedNet(layers, { residual: output.scale });
  } catch (error) {
    // What loopedNet refuses is here the file's fault, not the caller's.
    if (error instanceof XError && !(error instanceof BadFileError)) throw new BadFileError(`onnx: ${error.message}`);
    throw error;
  }
}

function isConstant(value: Value): value is OnnxTensor {
  return 'data' in value;
}

function resultOf(node: OnnxNode, args: readonly (Value | undefined)[], layers: Layer[], values: Map<string, Value>): Value {
  const { op } = node;
  const [first, second] = args;
  if (op === 'Constant') return constantOf(node);
  if (first === undefined) throw unsupported(node, 'its first input is not known, or is a sigmoid that x Sigmoid(x) has used');
  if (SHAPE_OPS.includes(op)) return first;
  if (op === 'Cast') {
    if (!CASTS.includes(node.attributes.get('to')?.i ?? 0)) throw unsupported(node, 'it rounds, to another type than float or double');
    return first;
  }
  if (op === 'Transpose' && isConstant(first)) return transposed(first, node);
  if (op === 'Neg') return isConstant(first) ? { ...first, data: first.data.map((v) => -v) } : scaled(first, [-1], node);
  const activation = activationOf(node, args);
  if (activation !== undefined && !isConstant(first)) {
    if (first.scale !== 0) throw unsupported(node, 'it acts on the input and a hidden layer at once');
    if (first.layer !== layers.length) throw unsupported(node, 'it acts on a layer that has been used before: the graph branches');
    const layer = layerOf(first, activation, describe(node));
    layers.push(layer);
    return { layer: layers.length, W: undefined, b: undefined, n: layer.weights.rows, scale: 0 };
  }
  if (second === undefined) throw unsupported(node, 'it is not one of the operations that are read');
  if (op === 'MatMul') return matMul(first, second, node);
  if (op === 'Gemm') return gemm(args, node);
  if (op === 'Add') return sum(first, second, 1, node);
  if (op === 'Sub') return sum(first, second, -1, node);
  if (op === 'Mul' || op === 'Div') return product(first, second, layers, node, values);
  throw unsupported(node, 'it is not one of the operations that are read');
}

function activationOf(node: OnnxNode, args: readonly (Value | undefined)[]): ActivationSpec | undefined {
  if (node.op === 'Clip') {
    const bound = (k: number, name: string) => {
      const value = args[k];
      return value === undefined ? node.attributes.get(name)?.f : isConstant(value) ? value.data[0] : undefined;
    };
    if (bound(1, 'min') !== -1 || bound(2, 'max') !== 1) throw unsupported(node, 'it does not clip to [-1, 1]');
    return 'hard-tanh';
  }
  const make = ACTIVATION_OPS[node.op];
  if (make === undefined) return undefined;
  const spec = make(node);
  if (spec === undefined) throw unsupported(node, 'its approximation is not read, the exact one is');
  return spec;
}

function constantOf(node: OnnxNode): OnnxTensor {
  const value = (name: string): OnnxAttribute | undefined => node.attributes.get(name);
  const tensor = value('value')?.tensor;
  if (tensor !== undefined) return tensor;
  const single = value('value_float')?.f ?? value('value_int')?.i;
  const several = value('value_floats')?.floats ?? value('value_ints')?.ints;
  if (single === undefined && several === undefined) throw unsupported(node, 'its value is not a tensor of numbers');
  const data = Float64Array.from(several ?? [single as number]);
  return { name: node.outputs[0], dims: several === undefined ? [] : [data.length], data };
}

function transposed(tensor: OnnxTensor, node: OnnxNode): OnnxTensor {
  const [r, c] = matrixShape(tensor, node);
  return { ...tensor, dims: [c, r], data: tensor.data.map((_, p) => tensor.data[(p % r) * c + Math.floor(p / r)]) };
}

function matrixShape({ dims }: OnnxTensor, node: OnnxNode): readonly [number, number] {
  if (dims.length !== 2) throw unsupported(node, `a constant of it has shape ${dims.join(' x ')}; a matrix is needed`);
  return [dims[0], dims[1]];
}

/** x M: every row of a batch times the matrix; or M x for a column. */
function matMul(first: Value, second: Value, node: OnnxNode): Linear {
  if (!isConstant(first) && isConstant(second)) return applied(transposed(second, node), first, node);
  if (isConstant(first) && !isConstant(second)) return applied(first, second, node);
  throw unsupported(node, 'one of its factors must be constant, and the other not');
}

/** alpha A' B' + beta C with A the variable. */
function gemm(args: readonly (Value | undefined)[], node: OnnxNode): Linear {
  const [A, B, C] = args;
  const flag = (name: string) => (node.attributes.get(name)?.i ?? 0) !== 0;
  if (A === undefined || B === undefined || isConstant(A) || !isConstant(B) || flag('transA')) throw unsupported(node, 'it is not x B + C');
  const alpha = node.attributes.get('alpha')?.f ?? 1;
  const beta = node.attributes.get('beta')?.f ?? 1;
  const M = flag('transB') ? B : transposed(B, node);
  const result = applied({ ...M, data: M.data.map((v) => alpha * v) }, A, node);
  if (C === undefined) return result;
  if (!isConstant(C)) throw unsupported(node, 'its third input is not constant');
  return shifted(
    result,
    C.data.map((v) => beta * v),
    node,
  );
}

/** M (W h + b). */
function applied(M: OnnxTensor, { layer, W, b, n, scale }: Linear, node: OnnxNode): Linear {
  const [r, c] = matrixShape(M, node);
  if (scale !== 0) throw unsupported(node, 'it acts on the input and a hidden layer at once');
  if (n !== undefined && n !== c) throw unsupported(node, `it takes ${c} numbers and is given ${n}`);
  const product = (X: Float64Array, cols: number) => {
    const out = new Float64Array(r * cols);
    for (let i = 0; i < r; i++) {
      for (let k = 0; k < c; k++) for (let j = 0; j < cols; j++) out[i * cols + j] += M.data[i * c + k] * X[k * cols + j];
    }
    return out;
  };
  return { layer, W: W === undefined ? M.data : product(W, W.length / c), b: b === undefined ? undefined : product(b, 1), n: r, scale: 0 };
}

function shifted(x: Linear, by: Float64Array, node: OnnxNode): Linear {
  if (x.n === undefined && by.length === 1)
    throw unsupported(node, 'it adds one number to the input before anything has said how long it is');
  const n = x.n ?? by.length;
  if (by.length !== 1 && by.length !== n) throw unsupported(node, `it adds ${by.length} numbers to ${n}`);
  const b = Float64Array.from({ length: n }, (_, i) => (x.b?.[i] ?? 0) + (by.length === 1 ? by[0] : by[i]));
  return { ...x, n, b };
}

/** first + sign * second. */
function sum(first: Value, second: Value, sign: 1 | -1, node: OnnxNode): Value {
  if (isConstant(first) && isConstant(second)) throw unsupported(node, 'both of its inputs are constant');
  if (isConstant(second))
    return shifted(
      first as Linear,
      second.data.map((v) => sign * v),
      node,
    );
  if (isConstant(first)) return shifted(scaled(second, [sign], node), first.data, node);
  const other = scaled(second, [sign], node);
  if (first.layer === other.layer) return added(first, other, node);
  // A residual connection: what has the input as its layer must be a multiple of it.
  const [late, early] = first.layer > other.layer ? [first, other] : [other, first];
  const multiple = multipleOf(early);
  if (early.n !== undefined && late.n !== undefined && early.n !== late.n)
    throw unsupported(node, `it adds ${early.n} numbers to ${late.n}`);
  if (early.layer !== 0 || multiple === undefined) throw unsupported(node, 'it joins branches of the graph that are not the input itself');
  return { ...late, scale: late.scale + multiple };
}

function added(a: Linear, b: Linear, node: OnnxNode): Linear {
  const n = a.n ?? b.n;
  if (n === undefined || (b.n !== undefined && b.n !== n)) throw unsupported(node, 'its inputs have different lengths');
  const cols = (a.W ?? b.W)?.length ?? n * n;
  const W = matrixOf(a, n, cols / n).map((v, p) => v + matrixOf(b, n, cols / n)[p]);
  const bias = Float64Array.from({ length: n }, (_, i) => (a.b?.[i] ?? 0) + (b.b?.[i] ?? 0));
  return { layer: a.layer, W, b: bias, n, scale: a.scale + b.scale };
}

function matrixOf({ W }: Linear, n: number, cols: number): Float64Array {
  if (W !== undefined) return W;
  const I = new Float64Array(n * cols);
  for (let i = 0; i < n; i++) I[i * cols + i] = 1;
  return I;
}

/** c where the value is c x; undefined elsewhere. */
function multipleOf({ W, b, n }: Linear): number | undefined {
  if (b?.some((v) => v !== 0)) return undefined;
  if (W === undefined) return 1;
  const size = n as number;
  if (W.length !== size * size) return undefined;
  const c = W[0];
  return W.every((v, p) => v === (p % (size + 1) === 0 ? c : 0)) ? c : undefined;
}

/** Times or over a constant, entry by entry; or x Sigmoid(x). */
function product(first: Value, second: Value, layers: Layer[], node: OnnxNode, values: Map<string, Value>): Value {
  const variable = isConstant(first) ? second : first;
  const constant = isConstant(first) ? first : isConstant(second) ? second : undefined;
  if (constant !== undefined && !isConstant(variable)) {
    if (node.op === 'Div' && isConstant(first)) throw unsupported(node, 'it divides by something that is not constant');
    return scaled(variable, node.op === 'Div' ? constant.data.map((v) => 1 / v) : constant.data, node);
  }
  if (node.op === 'Mul' && !isConstant(first) && !isConstant(second)) {
    const [gate, x] = first.layer > second.layer ? [first, second] : [second, first];
    const last = layers[layers.length - 1];
    const pure = gate.W === undefined && gate.b === undefined && gate.layer === layers.length && gate.scale === 0;
    if (pure && last.activation === 'sigmoid' && x.layer === gate.layer - 1 && sameLayer(layerOf(x, 'sigmoid', describe(node)), last)) {
      layers[layers.length - 1] = { ...last, activation: 'silu' };
      // The layer is another one now: whatever else was made of the sigmoid is not there any more.
      for (const [name, value] of values) if (!isConstant(value) && value.layer === gate.layer) values.delete(name);
      return gate;
    }
  }
  throw unsupported(node, 'one of its factors must be constant');
}

function sameLayer(a: Layer, b: Layer): boolean {
  const same = (x: ArrayLike<number>, y: ArrayLike<number>) => x.length === y.length && Array.from(x).every((v, i) => v === y[i]);
  return same(a.weights.data, b.weights.data) && same(a.bias as ArrayLike<number>, b.bias as ArrayLike<number>);
}

function scaled(x: Linear, by: ArrayLike<number>, node: OnnxNode): Linear {
  const n = x.n ?? (by.length === 1 ? undefined : by.length);
  if (by.length === 1 && by[0] === 1) return x;
  if (n === undefined) throw unsupported(node, 'it scales the input before anything has said how long it is');
  if (by.length !== 1 && by.length !== n) throw unsupported(node, `it multiplies ${n} numbers by ${by.length}`);
  if (x.scale !== 0 && by.length !== 1) throw unsupported(node, 'it scales a residual entry by entry');
  const factor = (i: number) => (by.length === 1 ? by[0] : by[i]);
  const full = matrixOf(x, n, (x.W?.length ?? n * n) / n);
  return {
    layer: x.layer,
    W: full.map((v, p) => v * factor(Math.floor(p / (full.length / n)))),
    b: x.b?.map((v, i) => v * factor(i)),
    n,
    scale: x.scale * by[0] + 0,
  };
}

function layerOf({ W, b, n }: Linear, activation: ActivationSpec, where: string): Layer {
  if (n === undefined) throw new BadFileError(`onnx: ${where} acts on the input before anything has said how long it is`);
  const cols = (W?.length ?? n * n) / n;
  return { weights: dense(n, cols, matrixOf({ W } as Linear, n, cols)), bias: b ?? new Float64Array(n), activation };
}

function describe({ op, name }: OnnxNode): string {
  return name === '' ? op : `${op} (${name})`;
}

function unsupported(node: OnnxNode, why: string): BadFileError {
  return new BadFileError(`onnx: ${describe(node)}: ${why}; a chain of dense layers with standard activations is read`);
}
