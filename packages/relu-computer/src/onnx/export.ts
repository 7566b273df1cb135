import { ArgumentError } from '@x/linalg/errors';
import { checkChoice, checkComputer, checkFlag, checkObject } from '../arguments.ts';
import { checkExact, type ReluComputer } from '../computer.ts';
import type { Stage } from '../network/stage.ts';
import {
  BOOL,
  elementType,
  type Float,
  graph,
  graphAttribute,
  INT64,
  indices,
  integerAttribute,
  integers,
  model,
  node,
  reals,
  stringAttribute,
  truth,
  value,
} from './messages.ts';
import { type Bytes, joined } from './protobuf.ts';

export interface OnnxOptions {
  /** Type of weights and state. Default that of the computer's architecture. */
  readonly float?: Float;
  /**
   * `dense` (default): each stage is MatMul, Add and Relu, which every runtime has; its size grows with the square of the words. `sparse`:
   * W h is Gather, Mul and ScatterElements over the nonzeros, for large memories.
   */
  readonly layout?: 'dense' | 'sparse';
  /** Whether passes are repeated within the file, in a Loop. Default false: the file is one pass. */
  readonly loop?: boolean;
}

/** A file in the format may have so many bytes; what is in it besides weights takes far less than the rest. */
const MOST_BYTES = 2 ** 31 - 2 ** 20;

/**
 * The network as an ONNX file (opset 18).
 *
 * One pass: input `state` [size] (see `encode`), output `next` [size]. Loop: inputs `state` and `steps`, a number of passes (int64, no
 * dimensions); it ends early where a pass leaves the state as it is, as it does when the machine has halted. Outputs `final` [size],
 * `passes` (int64) and `written` [passes, k]: of the state after each pass the entries that tell what it wrote. A looped program reads no
 * input but the one word that the first state may hold.
 *
 * @throws NotExactError where the float does not add the network's whole numbers exactly; ArgumentError where the file would have 2 GiB
 *   or more, which the format does not allow.
 */
export function toOnnx(computer: ReluComputer, options: OnnxOptions = {}): Uint8Array {
  checkComputer('toOnnx', computer);
  checkObject('toOnnx', 'options', options);
  const { stages, layout: state, architecture, bound } = computer;
  const { float = architecture.float, layout = 'dense', loop = false } = options;
  checkChoice('toOnnx', 'float', float, ['f32', 'f64']);
  checkChoice('toOnnx', 'layout', layout, ['dense', 'sparse']);
  checkFlag('toOnnx', 'loop', loop);
  checkExact('toOnnx', bound, float);
  checkSize(stages, float, layout);
  const F = elementType(float);
  const initializers = stages.flatMap((stage, k) => weights(stage, k, float, layout));
  const shape = [state.size];
  const content = loop
    ? graph({
        name: 'computer',
        nodes: [
          node(
            'Loop',
            ['steps', 'go', 'state', 'none'],
            ['final', 'passes', 'written'],
            [graphAttribute('body', body(computer, F, layout))],
          ),
        ],
        initializers: [
          ...initializers,
          truth('go'),
          integers('none', [], [0]),
          integers('one', [], [1]),
          reals('zero', float, [], new Float64Array(1)),
          indices('reports', reportEntries(computer)),
        ],
        inputs: [value('state', F, shape), value('steps', INT64, [])],
        outputs: [
          value('final', F, shape),
          value('passes', INT64, []),
          value('written', F, ['passes run', reportEntries(computer).length]),
        ],
      })
    : graph({
        name: 'step',
        nodes: pass(stages, layout, 'state', 'next'),
        initializers,
        inputs: [value('state', F, shape)],
        outputs: [value('next', F, shape)],
      });
  return joined(model(content, { ...architecture }));
}

/** Entries of the state that say whether a word was written, and which. */
function reportEntries({ layout }: ReluComputer): Int32Array {
  const groups = ['output valid', 'output'].map((wanted) => layout.groups.find(({ name }) => name === wanted)!);
  return Int32Array.from(groups.flatMap(({ start, count }) => Array.from({ length: count }, (_, i) => start + i)));
}

/** One pass in a loop. It ends where the state stays as it was. Names that are not its own are those of the graph around it. */
function body(computer: ReluComputer, F: number, layout: 'dense' | 'sparse'): Bytes {
  const shape = [computer.layout.size];
  return graph({
    name: 'pass',
    nodes: [
      ...pass(computer.stages, layout, 'x', 'next'),
      node('Sub', ['next', 'x'], ['change']),
      node('Abs', ['change'], ['magnitude']),
      node('ReduceMax', ['magnitude'], ['largest'], [integerAttribute('keepdims', 0)]),
      node('Greater', ['largest', 'zero'], ['again']),
      node('Add', ['count', 'one'], ['counted']),
      node('Gather', ['next', 'reports'], ['report']),
    ],
    initializers: [],
    inputs: [value('i', INT64, []), value('more', BOOL, []), value('x', F, shape), value('count', INT64, [])],
    outputs: [
      value('again', BOOL, []),
      value('next', F, shape),
      value('counted', INT64, []),
      value('report', F, [reportEntries(computer).length]),
    ],
  });
}

function pass(stages: readonly Stage[], layout: 'dense' | 'sparse', from: string, to: string): Bytes[] {
  return stages.flatMap(({ kind }, k) => {
    const last = k === stages.length - 1 ? to : `h${k}`;
    const before = k === 0 ? from : `h${k - 1}`;
    const sum = kind === 'relu' ? `sum${k}` : last;
    const linear =
      layout === 'dense'
        ? [node('MatMul', [before, `W${k}`], [`Wh${k}`]), node('Add', [`Wh${k}`, `b${k}`], [sum])]
        : [
            node('Gather', [before, `columns${k}`], [`inputs${k}`]),
            node('Mul', [`inputs${k}`, `W${k}`], [`products${k}`]),
            node('ScatterElements', [`b${k}`, `rows${k}`, `products${k}`], [sum], [stringAttribute('reduction', 'add')]),
          ];
    return kind === 'relu' ? [...linear, node('Relu', [sum], [last])] : linear;
  });
}

function weights(stage: Stage, k: number, float: Float, layout: 'dense' | 'sparse'): Bytes[] {
  const { rows, cols, rowStart, columns, values, bias } = stage;
  const shift = reals(`b${k}`, float, [rows], bias);
  const rowOf = new Int32Array(values.length);
  for (let i = 0; i < rows; i++) rowOf.fill(i, rowStart[i]!, rowStart[i + 1]!);
  if (layout === 'sparse')
    return [reals(`W${k}`, float, [values.length], values), indices(`rows${k}`, rowOf), indices(`columns${k}`, columns), shift];
  // h W^T with h a row.
  const transposed = new Float64Array(cols * rows);
  for (let p = 0; p < values.length; p++) transposed[columns[p]! * rows + rowOf[p]!] = values[p]!;
  return [reals(`W${k}`, float, [cols, rows], transposed), shift];
}

function checkSize(stages: readonly Stage[], float: Float, layout: 'dense' | 'sparse'): void {
  const width = float === 'f64' ? 8 : 4;
  const bytes = stages.reduce(
    (total, { rows, cols, values }) => total + (layout === 'dense' ? width * rows * cols : (width + 8) * values.length) + width * rows,
    0,
  );
  if (bytes >= MOST_BYTES) {
    throw new ArgumentError(
      `toOnnx: the weights take ${bytes} bytes; a file may have ${MOST_BYTES}${layout === 'dense' ? ' (use the sparse layout)' : ''}`,
      'layout',
    );
  }
}
