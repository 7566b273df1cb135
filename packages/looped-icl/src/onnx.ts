import { ArgumentError, transpose } from '@x/linalg';
import { checkChoice, checkWhole } from './check.ts';
import { UnknownConditionError } from './errors.ts';
import type { LoopModel } from './model.ts';

export interface OnnxOptions {
  /** Columns of the inputs. */
  readonly d: number;
  /** Outputs. Default 1. */
  readonly k?: number;
  /** Default `f64`. */
  readonly type?: 'f64' | 'f32';
}

/**
 * The model as an ONNX file (opset 13), whose one attention layer stands in the body of a Loop.
 *
 * Inputs: `x` [n, d], `y` [n, k], `queries` [q, d], n and q free. Outputs: `predictions` [q, k] and `per_loop` [loops, q, k]. Attention scores
 * depend on inputs alone, which no loop changes, so they stand before the loop; in it values are attended to and added.
 *
 * @returns the bytes of the file.
 * @throws UnknownConditionError when step sizes or preconditioner are rules, which read the context: `weightsFor` gives the numbers for one;
 *   ArgumentError for another mask than `queries`, or d that does not fit.
 */
export function toOnnx(model: LoopModel, options: OnnxOptions): Uint8Array {
  const { d, k = 1, type = 'f64' } = options;
  checkWhole('toOnnx', 'd', d, 1);
  checkWhole('toOnnx', 'k', k, 1);
  checkChoice('toOnnx', 'type', type, ['f64', 'f32']);
  const { step, preconditioner: A, momentum, loops, mask, attention } = model;
  if (typeof step === 'string' || typeof momentum === 'string' || A === 'inverse-covariance') {
    throw new UnknownConditionError(
      `toOnnx: step ${step} and preconditioner ${A} are rules; weightsFor gives the numbers for a context`,
      Number.NaN,
    );
  }
  if (mask !== 'queries') throw new ArgumentError(`toOnnx: mask is ${mask}; it must be queries`, 'mask');
  if (typeof A === 'object' && A.rows !== d) throw new ArgumentError(`toOnnx: d is ${d}; the model's preconditioner is for ${A.rows}`, 'd');
  const F = type === 'f64' ? DOUBLE : FLOAT;
  const real = (name: string, dims: readonly number[], values: Float64Array) =>
    tensor(name, F, dims, new Uint8Array((type === 'f64' ? values : Float32Array.from(values)).slice().buffer));
  const scalar = (name: string, value: number) => real(name, [], Float64Array.of(value));
  const steps = typeof step === 'number' ? new Float64Array(loops).fill(step) : step;

  const projected = typeof A === 'object' ? 'images' : 'tokens';
  const initializers = [
    real('steps', [loops], steps),
    scalar('momentum', momentum),
    scalar('zero', 0),
    ...(attention === 'softmax' ? [scalar('scale', Math.sqrt(d))] : []),
    real('blank', [d, k], new Float64Array(d * k)),
    integers('first', [1], [0]),
    integers('trips', [], [loops]),
    tensor('go', BOOL, [], Uint8Array.of(1)),
    ...(typeof A === 'object' ? [real('A^T', [d, d], entries(A))] : []),
  ];
  const nodes = [
    node('Shape', ['x'], 'shape'),
    node('Gather', ['shape', 'first'], 'n'),
    node('Concat', ['x', 'queries'], 'tokens', [integerAttribute('axis', 0)]),
    ...(typeof A === 'object' ? [node('MatMul', ['tokens', 'A^T'], 'images')] : []),
    node('Transpose', ['x'], 'keys'),
    node('MatMul', [projected, 'keys'], 'scores'),
    ...(attention === 'softmax'
      ? [node('Div', ['scores', 'scale'], 'logits'), node('Softmax', ['logits'], 'attention', [integerAttribute('axis', 1)])]
      : [node('Cast', ['n'], 'count', [integerAttribute('to', F)]), node('Div', ['scores', 'count'], 'attention')]),
    node('MatMul', ['queries', 'blank'], 'unlabelled'),
    node('Concat', ['y', 'unlabelled'], 'labels', [integerAttribute('axis', 0)]),
    node('Mul', ['labels', 'zero'], 'change'),
    // The bound of a slice may lie beyond the end; n + q does.
    node('Shape', ['tokens'], 'all'),
    node('Gather', ['all', 'first'], 'end'),
    node('Loop', ['trips', 'go', 'labels', 'change'], ['labels_T', 'change_T', 'per_loop'], [graphAttribute('body', body(F, k))]),
    node('Slice', ['labels_T', 'n', 'end', 'first'], 'negated'),
    node('Neg', ['negated'], 'predictions'),
  ];
  const inputs = [value('x', F, ['n', d]), value('y', F, ['n', k]), value('queries', F, ['q', d])];
  const outputs = [value('predictions', F, ['q', k]), value('per_loop', F, [loops, 'q', k])];
  const graph = graphOf('looped_transformer', nodes, initializers, inputs, outputs);
  return Uint8Array.from(join(varintField(1, 8), text(2, '@x/looped-icl'), message(7, graph), message(8, text(1, ''), varintField(2, 13))));
}

/** One loop: change <- momentum change - eta attention labels, labels <- labels + change. Names not of its own are the graph's around it. */
function body(F: number, k: number): Bytes {
  const nodes = [
    node('Gather', ['steps', 'i'], 'eta'),
    node('Slice', ['r', 'first', 'n', 'first'], 'values'),
    node('MatMul', ['attention', 'values'], 'attended'),
    node('Mul', ['attended', 'eta'], 'step'),
    node('Mul', ['u', 'momentum'], 'kept'),
    node('Sub', ['kept', 'step'], 'u_next'),
    node('Add', ['r', 'u_next'], 'r_next'),
    node('Identity', ['more'], 'more_next'),
    node('Slice', ['r_next', 'n', 'end', 'first'], 'out'),
    node('Neg', ['out'], 'prediction'),
  ];
  const state = (name: string) => value(name, F, ['tokens', k]);
  return graphOf(
    'loop',
    nodes,
    [],
    [value('i', INT64, []), value('more', BOOL, []), state('r'), state('u')],
    [value('more_next', BOOL, []), state('r_next'), state('u_next'), value('prediction', F, ['q', k])],
  );
}

function entries(A: Parameters<typeof transpose>[0]): Float64Array {
  const T = transpose(A);
  return Float64Array.from(
    { length: A.rows * A.cols },
    (_, p) => T.data[T.offset + Math.floor(p / T.cols) * T.rowStride + (p % T.cols) * T.colStride]!,
  );
}

/** Element types of TensorProto. */
const [FLOAT, INT64, BOOL, DOUBLE] = [1, 7, 9, 11] as const;
/** Kinds of AttributeProto. */
const [INT, GRAPH] = [2, 5] as const;

type Bytes = readonly number[];

function join(...parts: readonly Bytes[]): Bytes {
  return parts.flat();
}

/** The wire format of protocol buffers: numbers by seven bits, least first; everything else with its length before it. */
function varint(value: number): Bytes {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function varintField(field: number, value: number): Bytes {
  return [...varint(field * 8), ...varint(value)];
}

function message(field: number, ...parts: readonly Bytes[]): Bytes {
  const content = parts.flat();
  return [...varint(field * 8 + 2), ...varint(content.length), ...content];
}

function text(field: number, value: string): Bytes {
  return message(field, [...new TextEncoder().encode(value)]);
}

function tensor(name: string, type: number, dims: readonly number[], raw: Uint8Array): Bytes {
  return join(...dims.map((size) => varintField(1, size)), varintField(2, type), text(8, name), message(9, [...raw]));
}

function integers(name: string, dims: readonly number[], values: readonly number[]): Bytes {
  return tensor(name, INT64, dims, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
}

function node(operator: string, inputs: readonly string[], outputs: string | readonly string[], attributes: readonly Bytes[] = []): Bytes {
  const results = typeof outputs === 'string' ? [outputs] : outputs;
  return join(
    ...inputs.map((name) => text(1, name)),
    ...results.map((name) => text(2, name)),
    text(4, operator),
    ...attributes.map((attribute) => message(5, attribute)),
  );
}

function integerAttribute(name: string, value: number): Bytes {
  return join(text(1, name), varintField(3, value), varintField(20, INT));
}

function graphAttribute(name: string, graph: Bytes): Bytes {
  return join(text(1, name), message(6, graph), varintField(20, GRAPH));
}

/** A named tensor; a dimension that is a name is free. */
function value(name: string, type: number, shape: readonly (number | string)[]): Bytes {
  const dims = shape.map((size) => message(1, typeof size === 'number' ? varintField(1, size) : text(2, size)));
  return join(text(1, name), message(2, message(1, varintField(1, type), message(2, ...dims))));
}

function graphOf(
  name: string,
  nodes: readonly Bytes[],
  initializers: readonly Bytes[],
  inputs: readonly Bytes[],
  outputs: readonly Bytes[],
): Bytes {
  return join(
    ...nodes.map((one) => message(1, one)),
    text(2, name),
    ...initializers.map((one) => message(5, one)),
    ...inputs.map((one) => message(11, one)),
    ...outputs.map((one) => message(12, one)),
  );
}
