import { BadFileError } from '@x/linalg/errors';
import { UnsupportedOperatorError } from '../errors.ts';
import { BOOL, type OnnxNode, type OnnxTensor, sizeOf } from './model.ts';

type Dims = readonly number[];

/** An operator and what it is applied to; inputs that are absent are undefined. */
export interface Application {
  readonly node: OnnxNode;
  readonly inputs: readonly (OnnxTensor | undefined)[];
}

/** Sizes of the results of an operator, and the type of their elements where it is not that of the first input. */
export type ShapeRule = (application: Application) => readonly { readonly dims: Dims; readonly type?: number }[];

const same: ShapeRule = (at) => [{ dims: dimsOf(at, 0) }];
const broadcasting: ShapeRule = (at) => [
  {
    dims: broadcast(
      at,
      at.inputs.map((_, k) => dimsOf(at, k)),
    ),
  },
];
const comparing: ShapeRule = (at) => [{ dims: broadcasting(at)[0]!.dims, type: BOOL }];

/** Operators with one value out for each value in. */
const UNARY =
  'Abs BatchNormalization Cast Ceil Clip Cos Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization LeakyRelu Log LogSoftmax Mish Neg Not Reciprocal Relu Round Sigmoid Sign SimplifiedLayerNormalization Sin Softmax Softplus Sqrt Tanh';
const BROADCAST = 'Add Div Max Mean Min Mod Mul PRelu Pow Sub Sum';
const COMPARE = 'And Equal Greater GreaterOrEqual Less LessOrEqual Or Xor';
const REDUCE = 'ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare';

const named = (names: string, rule: ShapeRule): [string, ShapeRule][] => names.split(' ').map((name) => [name, rule]);

/** Sizes of results by operator: what attention blocks and the networks around them use. */
const SHAPES: ReadonlyMap<string, ShapeRule> = new Map<string, ShapeRule>([
  ...named(UNARY, same),
  ...named(BROADCAST, broadcasting),
  ...named(COMPARE, comparing),
  ...named(REDUCE, reduced),
  ...named('GlobalAveragePool GlobalMaxPool', (at) => [{ dims: dimsOf(at, 0).map((size, k) => (k < 2 ? size : 1)) }]),
  ...named('AveragePool MaxPool', (at) => [{ dims: windowed(at, dimsOf(at, 0)[1] ?? 0, ints(at, 'kernel_shape') ?? []) }]),
  ['Conv', (at) => [{ dims: windowed(at, dimsOf(at, 1)[0] ?? 0, dimsOf(at, 1).slice(2)) }]],
  ['MatMul', (at) => [{ dims: product(at, dimsOf(at, 0), dimsOf(at, 1)) }]],
  ['Gemm', gemm],
  ['Where', (at) => [{ dims: broadcasting(at)[0]!.dims, type: at.inputs[1]!.type }]],
  ['Transpose', transposed],
  ['Reshape', reshaped],
  ['Flatten', flattened],
  ['Squeeze', squeezed],
  ['Unsqueeze', unsqueezed],
  ['Concat', concatenated],
  ['Split', split],
  ['Slice', sliced],
  ['Gather', gathered],
  ['Expand', (at) => [{ dims: broadcast(at, [dimsOf(at, 0), valuesOf(at, 1)]) }]],
]);

/** @throws UnsupportedOperatorError; BadFileError where sizes do not fit. */
export function shapesOf(at: Application): ReturnType<ShapeRule> {
  const rule = SHAPES.get(at.node.operator);
  if (rule === undefined) throw new UnsupportedOperatorError(at.node.operator, at.node.name);
  const results = rule(at);
  for (const { dims } of results)
    if (!dims.every((size) => Number.isSafeInteger(size) && size >= 0)) fail(at, `its result has the shape ${dims.join(' x ')}`);
  return results;
}

function fail({ node }: Application, what: string): never {
  throw new BadFileError(`onnx: ${node.operator} ${node.name}: ${what}`);
}

function dimsOf(at: Application, k: number): Dims {
  return at.inputs[k]?.dims ?? fail(at, `input ${k} is missing`);
}

/** Values that a shape depends on: they must be known before the network runs. */
export function valuesOf(at: Application, k: number): readonly number[] {
  return at.inputs[k]?.values ?? fail(at, `input ${k} is not known before the network runs, and the shape of its result depends on it`);
}

export function int({ node }: Application, name: string, otherwise: number): number {
  return node.attributes.get(name)?.int ?? otherwise;
}

function ints({ node }: Application, name: string): readonly number[] | undefined {
  return node.attributes.get(name)?.ints;
}

/** Axes that an attribute or, in later versions of the operator, an input gives, counted from the front. */
function axesOf(at: Application, rank: number, input = 1): readonly number[] | undefined {
  const axes = ints(at, 'axes') ?? (at.inputs[input] === undefined ? undefined : valuesOf(at, input));
  return axes?.map((axis) => axisOf(at, axis, rank));
}

function axisOf(at: Application, axis: number, rank: number): number {
  const from = axis < 0 ? axis + rank : axis;
  return from >= 0 && from < rank ? from : fail(at, `axis ${axis} of a tensor with ${rank}`);
}

function broadcast(at: Application, shapes: readonly Dims[]): Dims {
  const rank = Math.max(...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, k) => {
    const sizes = shapes.map((dims) => dims[dims.length - rank + k] ?? 1);
    const size = sizes.find((one) => one !== 1) ?? 1;
    if (sizes.some((one) => one !== 1 && one !== size))
      fail(at, `shapes ${shapes.map((dims) => dims.join(' x ')).join(' and ')} do not fit`);
    return size;
  });
}

function product(at: Application, left: Dims, right: Dims): Dims {
  const [a, b] = [left.length === 1 ? [1, ...left] : left, right.length === 1 ? [...right, 1] : right];
  if (a.length < 2 || b.length < 2 || a.at(-1) !== b.at(-2)) fail(at, `cannot multiply ${left.join(' x ')} by ${right.join(' x ')}`);
  const batch = broadcast(at, [a.slice(0, -2), b.slice(0, -2)]);
  return [...batch, ...(left.length === 1 ? [] : [a.at(-2)!]), ...(right.length === 1 ? [] : [b.at(-1)!])];
}

function gemm(at: Application): ReturnType<ShapeRule> {
  const turned = (k: number, name: string) => (int(at, name, 0) === 1 ? [...dimsOf(at, k)].reverse() : dimsOf(at, k));
  return [{ dims: product(at, turned(0, 'transA'), turned(1, 'transB')) }];
}

/** Sizes of what windows that slide over all but the first two axes leave. */
function windowed(at: Application, channels: number, kernel: Dims): Dims {
  const dims = dimsOf(at, 0);
  const [strides, dilations, pads] = [ints(at, 'strides'), ints(at, 'dilations'), ints(at, 'pads')];
  const padding = at.node.attributes.get('auto_pad')?.text ?? 'NOTSET';
  const round = int(at, 'ceil_mode', 0) === 1 ? Math.ceil : Math.floor;
  if (kernel.length !== dims.length - 2) fail(at, `a window of ${kernel.length} axes over ${dims.length - 2}`);
  const spatial = kernel.map((size, k) => {
    const [from, stride] = [dims[k + 2]!, strides?.[k] ?? 1];
    const extent = (size - 1) * (dilations?.[k] ?? 1) + 1;
    if (padding.startsWith('SAME')) return Math.ceil(from / stride);
    const around = padding === 'VALID' ? 0 : (pads?.[k] ?? 0) + (pads?.[k + kernel.length] ?? 0);
    return round((from + around - extent) / stride) + 1;
  });
  return [dims[0]!, channels, ...spatial];
}

function reduced(at: Application): ReturnType<ShapeRule> {
  const dims = dimsOf(at, 0);
  const axes = axesOf(at, dims.length) ?? [];
  const all = axes.length === 0 && int(at, 'noop_with_empty_axes', 0) === 0;
  const gone = (k: number) => all || axes.includes(k);
  const kept = int(at, 'keepdims', 1) === 1;
  return [{ dims: kept ? dims.map((size, k) => (gone(k) ? 1 : size)) : dims.filter((_, k) => !gone(k)) }];
}

function transposed(at: Application): ReturnType<ShapeRule> {
  const dims = dimsOf(at, 0);
  const order = ints(at, 'perm') ?? dims.map((_, k) => dims.length - 1 - k);
  if (order.length !== dims.length) fail(at, `perm has ${order.length} axes of ${dims.length}`);
  return [{ dims: order.map((axis) => dims[axisOf(at, axis, dims.length)]!) }];
}

function reshaped(at: Application): ReturnType<ShapeRule> {
  const dims = dimsOf(at, 0);
  const wanted = valuesOf(at, 1).map((size, k) => (size === 0 && int(at, 'allowzero', 0) === 0 ? dims[k]! : size));
  const known = sizeOf(wanted.filter((size) => size !== -1));
  const result = wanted.map((size) => (size === -1 ? sizeOf(dims) / known : size));
  if (sizeOf(result) !== sizeOf(dims)) fail(at, `cannot make ${result.join(' x ')} of ${dims.join(' x ')}`);
  return [{ dims: result }];
}

function flattened(at: Application): ReturnType<ShapeRule> {
  const dims = dimsOf(at, 0);
  const axis = int(at, 'axis', 1);
  const cut = axis < 0 ? axis + dims.length : axis;
  return [{ dims: [sizeOf(dims.slice(0, cut)), sizeOf(dims.slice(cut))] }];
}

function squeezed(at: Application): ReturnType<ShapeRule> {
  const dims = dimsOf(at, 0);
  const axes = axesOf(at, dims.length);
  return [{ dims: dims.filter((size, k) => (axes === undefined ? size !== 1 : !axes.includes(k))) }];
}

function unsqueezed(at: Application): ReturnType<ShapeRule> {
  const dims = dimsOf(at, 0);
  const count = (ints(at, 'axes') ?? valuesOf(at, 1)).length;
  const axes = axesOf(at, dims.length + count)!;
  const rest = [...dims];
  return [{ dims: Array.from({ length: dims.length + count }, (_, k) => (axes.includes(k) ? 1 : rest.shift()!)) }];
}

function concatenated(at: Application): ReturnType<ShapeRule> {
  const shapes = at.inputs.map((_, k) => dimsOf(at, k));
  const axis = axisOf(at, int(at, 'axis', 0), shapes[0]!.length);
  return [{ dims: shapes[0]!.map((size, k) => (k === axis ? shapes.reduce((sum, dims) => sum + dims[k]!, 0) : size)) }];
}

function split(at: Application): ReturnType<ShapeRule> {
  const dims = dimsOf(at, 0);
  const axis = axisOf(at, int(at, 'axis', 0), dims.length);
  const parts = at.node.outputs.length;
  const given = ints(at, 'split') ?? (at.inputs[1] === undefined ? undefined : valuesOf(at, 1));
  const each = Math.ceil(dims[axis]! / parts);
  const sizes = given ?? Array.from({ length: parts }, (_, p) => Math.min(each, dims[axis]! - p * each));
  return sizes.map((size) => ({ dims: dims.map((old, k) => (k === axis ? size : old)) }));
}

/** First element, step and count of a slice along one axis. */
export function slicesOf(at: Application): ReadonlyMap<number, { readonly start: number; readonly step: number; readonly count: number }> {
  const dims = dimsOf(at, 0);
  const [starts, ends] = [ints(at, 'starts') ?? valuesOf(at, 1), ints(at, 'ends') ?? valuesOf(at, 2)];
  const axes = axesOf(at, dims.length, 3) ?? starts.map((_, k) => k);
  const steps = at.inputs[4] === undefined ? starts.map(() => 1) : valuesOf(at, 4);
  return new Map(
    axes.map((axis, k) => {
      const [n, step] = [dims[axis]!, steps[k]!];
      const clamped = (value: number) => Math.min(Math.max(value < 0 ? value + n : value, step < 0 ? -1 : 0), step < 0 ? n - 1 : n);
      const start = clamped(starts[k]!);
      return [axis, { start, step, count: Math.max(0, Math.ceil((clamped(ends[k]!) - start) / step)) }];
    }),
  );
}

function sliced(at: Application): ReturnType<ShapeRule> {
  const slices = slicesOf(at);
  return [{ dims: dimsOf(at, 0).map((size, k) => slices.get(k)?.count ?? size) }];
}

function gathered(at: Application): ReturnType<ShapeRule> {
  const [dims, indices] = [dimsOf(at, 0), dimsOf(at, 1)];
  const axis = axisOf(at, int(at, 'axis', 0), dims.length);
  return [{ dims: [...dims.slice(0, axis), ...indices, ...dims.slice(axis + 1)] }];
}
