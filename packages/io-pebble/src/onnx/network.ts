import { ArgumentError, BadFileError } from '@x/linalg/errors';
import { UnsupportedOperatorError } from '../errors.ts';
import { FLOAT, INT64, MOST_VALUES, type OnnxGraph, type OnnxInput, type OnnxNode, type OnnxTensor, sizeOf } from './model.ts';
import { type Application, int, shapesOf, valuesOf } from './shapes.ts';
import { foldedValues } from './values.ts';

/** A tensor of a network, its sizes known. */
export interface Value extends OnnxTensor {
  readonly name: string;
  /** What computes it; undefined for what the user or the file gives. */
  readonly operator: string | undefined;
  /** What it is computed from; numbers and shapes that are known before the network runs are left out. */
  readonly from: readonly Value[];
}

/** Operators that only give a tensor another shape: nothing moves, the result is where the first input is. */
const VIEWS = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout']);

/** How many of an operator's inputs are data; what follows them only says shapes. */
function dataInputs(operator: string): number {
  const first = VIEWS.has(operator) || operator.startsWith('Reduce') || ['Expand', 'Slice', 'Split'].includes(operator);
  return first ? 1 : Number.POSITIVE_INFINITY;
}

/** Sizes that a file leaves open: all sizes of an input by its name, or one size by the name that the file gives it. */
export type Dims = Readonly<Record<string, number | readonly number[]>>;

/** A tensor, or why its sizes are not known: some operator before it. */
type Known = Value | UnsupportedOperatorError;

/**
 * The tensors of a network by name. A view goes by its own name and sizes, but is where its origin is: see `storageOf`.
 *
 * @param given - tensors that are there at the start, whatever computes them; `dims` may say their sizes.
 * @throws ArgumentError for sizes that are missing or wrong; BadFileError.
 */
export function networkOf(graph: OnnxGraph, dims: Dims, given: readonly string[] = []): ReadonlyMap<string, Known> {
  const values = new Map<string, Known>();
  for (const [name, tensor] of graph.weights) values.set(name, { ...tensor, name, operator: undefined, from: [] });
  for (const input of graph.inputs) {
    const { name, type } = input;
    values.set(name, { name, type, dims: sizesOf(input, dims), values: undefined, operator: undefined, from: [] });
  }
  const cut = new Set(given);
  for (const node of graph.nodes) {
    for (const [name, value] of resultsOf(node, values)) values.set(name, cut.has(name) ? asInput(name, value, dims) : value);
  }
  return values;
}

function asInput(name: string, value: Known, dims: Dims): Known {
  const said = dims[name];
  if (value instanceof UnsupportedOperatorError) {
    if (!Array.isArray(said)) return value;
    const sizes = sizesOf({ name, type: FLOAT, dims: said.map((_, k) => `${k}`) }, dims);
    return { name, type: FLOAT, dims: sizes, values: undefined, operator: undefined, from: [] };
  }
  return { ...value, operator: undefined, values: undefined, from: [] };
}

/** The tensor whose memory a tensor is in: itself, unless it is a view. */
export function storageOf(value: Value): Value {
  let origin = value;
  while (origin.operator !== undefined && VIEWS.has(origin.operator)) origin = origin.from[0]!;
  return origin;
}

/** Whether it is one number that the file holds: part of the program, not of the data. */
function isImmediate({ operator, values, dims }: Value): boolean {
  return operator === undefined && values !== undefined && sizeOf(dims) <= 1;
}

function* resultsOf(node: OnnxNode, values: ReadonlyMap<string, Known>): Generator<[name: string, value: Known], void, void> {
  const outputs = node.outputs.map((name, k) => [name, k] as const).filter(([name]) => name !== '');
  const known = node.inputs.map((name) => (name === '' ? undefined : knownAt(node, name, values)));
  const unknown = known.find((value) => value instanceof UnsupportedOperatorError);
  const inputs = known as (Value | undefined)[];
  const tensors = unknown ?? tensorsOrError({ node, inputs });
  if (tensors instanceof UnsupportedOperatorError) {
    for (const [name] of outputs) yield [name, tensors];
    return;
  }
  const data = inputs.slice(0, dataInputs(node.operator));
  const from = data.filter((value) => value !== undefined && !isImmediate(value)) as Value[];
  for (const [name, k] of outputs) {
    const tensor = tensors[k];
    if (tensor === undefined) yield [name, new UnsupportedOperatorError(node.operator, node.name)];
    // What follows from sizes alone is known before the network runs.
    else if (tensor.values !== undefined || from.length === 0) yield [name, { ...tensor, name, operator: undefined, from: [] }];
    else yield [name, { ...tensor, name, operator: node.operator, from }];
  }
}

function knownAt(node: OnnxNode, name: string, values: ReadonlyMap<string, Known>): Known {
  const value = values.get(name);
  if (value === undefined) throw new BadFileError(`onnx: ${node.operator} ${node.name} uses ${name}, which nothing before it gives`);
  return value;
}

function tensorsOrError(at: Application): readonly OnnxTensor[] | UnsupportedOperatorError {
  try {
    return tensorsOf(at);
  } catch (error) {
    if (error instanceof UnsupportedOperatorError) return error;
    throw error;
  }
}

function tensorsOf(at: Application): readonly OnnxTensor[] {
  const { node, inputs } = at;
  if (node.operator === 'Constant') return [constantOf(at)];
  if (node.operator === 'Shape') {
    const dims = inputs[0]?.dims ?? [];
    const sizes = dims.slice(int(at, 'start', 0), int(at, 'end', dims.length));
    return [{ dims: [sizes.length], type: INT64, values: sizes }];
  }
  if (node.operator === 'ConstantOfShape') {
    const dims = valuesOf(at, 0);
    const { type, values } = node.attributes.get('value')?.tensor ?? { type: FLOAT, values: [0] };
    const size = sizeOf(dims);
    return [{ dims, type, values: size <= MOST_VALUES ? new Array<number>(size).fill(values?.[0] ?? 0) : undefined }];
  }
  const type = inputs[0]?.type ?? FLOAT;
  return shapesOf(at).map((result, k) => ({
    dims: result.dims,
    type: result.type ?? type,
    values: k === 0 ? foldedValues(at, result.dims) : undefined,
  }));
}

function constantOf({ node }: Application): OnnxTensor {
  const { attributes } = node;
  const tensor = attributes.get('value')?.tensor;
  if (tensor !== undefined) return tensor;
  const [int64, float, ints] = [attributes.get('value_int'), attributes.get('value_float'), attributes.get('value_ints')];
  if (int64 !== undefined) return { dims: [], type: INT64, values: [int64.int] };
  if (float !== undefined) return { dims: [], type: FLOAT, values: [float.float] };
  if (ints !== undefined) return { dims: [ints.ints.length], type: INT64, values: ints.ints };
  throw new BadFileError(`onnx: Constant ${node.name} has no value that is known here`);
}

function sizesOf({ name, dims: open }: OnnxInput, dims: Dims): number[] {
  const all = dims[name];
  if (Array.isArray(all)) {
    const fits = all.length === open.length && open.every((size, k) => typeof size === 'string' || size === all[k]);
    if (!fits) throw new ArgumentError(`onnx: dims.${name} is ${all.join(' x ')}; the file says ${open.join(' x ')}`, 'dims');
  }
  return open.map((size, k) => {
    const found = Array.isArray(all) ? all[k] : typeof size === 'number' ? size : dims[size];
    if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 1) {
      throw new ArgumentError(
        `onnx: size ${k} of input ${name} (${open.join(' x ')}) is ${found}; give whole numbers from 1 on as dims.${name}`,
        'dims',
      );
    }
    return found;
  });
}
