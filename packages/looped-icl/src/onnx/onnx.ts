import { ArgumentError, transpose } from '@x/linalg';
import { checkChoice, checkWhole } from '../check.ts';
import { UnknownConditionError } from '../errors.ts';
import type { LoopModel } from '../model.ts';
import {
  BOOL,
  type Bytes,
  DOUBLE,
  FLOAT,
  graphAttribute,
  graphOf,
  INT64,
  integerAttribute,
  integers,
  join,
  message,
  node,
  tensor,
  text,
  value,
  varintField,
} from './protobuf.ts';

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
 * depend on inputs alone, which no loop changes, so they stand before the loop, mask included; in it values are attended to and added.
 *
 * @returns the bytes of the file.
 * @throws UnknownConditionError when step sizes or preconditioner are rules, which read the context: `weightsFor` gives the numbers for one;
 *   ArgumentError for a d that does not fit.
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
  if (typeof A === 'object' && A.rows !== d) throw new ArgumentError(`toOnnx: d is ${d}; the model's preconditioner is for ${A.rows}`, 'd');
  const F = type === 'f64' ? DOUBLE : FLOAT;
  const real = (name: string, dims: readonly number[], values: Float64Array) =>
    tensor(name, F, dims, new Uint8Array((type === 'f64' ? values : Float32Array.from(values)).slice().buffer));
  const scalar = (name: string, value: number) => real(name, [], Float64Array.of(value));
  const steps = typeof step === 'number' ? new Float64Array(loops).fill(step) : step;

  const projected = typeof A === 'object' ? 'images' : 'tokens';
  const softmax = attention === 'softmax';
  const causal = mask === 'causal';
  /** Tokens that are attended to: without a mask all, else the examples. */
  const [sources, sourceCount] = mask === 'none' ? ['tokens', 'end'] : ['x', 'n'];
  const masked = causal ? 'seen_scores' : 'scores';
  const initializers = [
    real('steps', [loops], steps),
    scalar('momentum', momentum),
    scalar('zero', 0),
    ...(softmax ? [scalar('scale', Math.sqrt(d))] : []),
    ...(causal ? [scalar('unseen', softmax ? Number.NEGATIVE_INFINITY : 0), ...causalConstants()] : []),
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
    // The bound of a slice may lie beyond the end; n + q does.
    node('Shape', ['tokens'], 'all'),
    node('Gather', ['all', 'first'], 'end'),
    node('Transpose', [sources], 'keys'),
    node('MatMul', [projected, 'keys'], 'scores'),
    ...(causal ? [...causalNodes(), node('Where', ['seen', 'scores', 'unseen'], 'seen_scores')] : []),
    ...(softmax
      ? [node('Div', [masked, 'scale'], 'logits'), node('Softmax', ['logits'], 'attention', [integerAttribute('axis', 1)])]
      : [node('Cast', ['n'], 'count', [integerAttribute('to', F)]), node('Div', [masked, 'count'], 'attention')]),
    node('MatMul', ['queries', 'blank'], 'unlabelled'),
    node('Concat', ['y', 'unlabelled'], 'labels', [integerAttribute('axis', 0)]),
    node('Mul', ['labels', 'zero'], 'change'),
    node(
      'Loop',
      ['trips', 'go', 'labels', 'change'],
      ['labels_T', 'change_T', 'per_loop'],
      [graphAttribute('body', body(F, k, sourceCount))],
    ),
    node('Slice', ['labels_T', 'n', 'end', 'first'], 'negated'),
    node('Neg', ['negated'], 'predictions'),
  ];
  const inputs = [value('x', F, ['n', d]), value('y', F, ['n', k]), value('queries', F, ['q', d])];
  const outputs = [value('predictions', F, ['q', k]), value('per_loop', F, [loops, 'q', k])];
  const graph = graphOf('looped_transformer', nodes, initializers, inputs, outputs);
  return join(varintField(1, 8), text(2, '@x/looped-icl'), message(7, graph), message(8, text(1, ''), varintField(2, 13)));
}

/**
 * One loop: change <- momentum change - eta attention labels, labels <- labels + change. Names not of its own are the graph's around it.
 *
 * @param sourceCount - name of the number of tokens that are attended to, the first ones.
 */
function body(F: number, k: number, sourceCount: string): Bytes {
  const nodes = [
    node('Gather', ['steps', 'i'], 'eta'),
    node('Slice', ['r', 'first', sourceCount, 'first'], 'values'),
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

/** Constants of the causal mask. */
const causalConstants = (): Bytes[] => [
  integers('none', [], [0]),
  integers('one', [], [1]),
  integers('column', [1], [1]),
  integers('scalar', [0], []),
];

/** `seen` [n + q, n]: token j sees example i <= j, so that queries, which come after all examples, see them all. */
const causalNodes = (): Bytes[] => [
  node('Reshape', ['n', 'scalar'], 'examples'),
  node('Reshape', ['end', 'scalar'], 'all_tokens'),
  node('Range', ['none', 'examples', 'one'], 'example'),
  node('Range', ['none', 'all_tokens', 'one'], 'token'),
  node('Unsqueeze', ['token', 'column'], 'token_rows'),
  node('LessOrEqual', ['example', 'token_rows'], 'seen'),
];

function entries(A: Parameters<typeof transpose>[0]): Float64Array {
  const T = transpose(A);
  return Float64Array.from(
    { length: A.rows * A.cols },
    (_, p) => T.data[T.offset + Math.floor(p / T.cols) * T.rowStride + (p % T.cols) * T.colStride]!,
  );
}
