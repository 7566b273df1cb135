import { ArgumentError } from '@x/linalg/errors';
import { checkWhole } from '../check.ts';
import { UnsupportedOperatorError } from '../errors.ts';
import { dagBuilder, type PebbleDag } from '../pebble/dag.ts';
import { bytesOf, type OnnxTensor, readOnnx, sizeOf } from './model.ts';
import { type Dims, networkOf, storageOf, type Value } from './network.ts';

export interface OnnxDagOptions {
  /**
   * Sizes that the file leaves open: all sizes of an input by its name, as `{ x: [1, 3, 48, 320] }`, or one size by the name that the file
   * gives it.
   */
  readonly dims?: Dims;
  /** Bytes of a word, in which sizes and fast memory are counted; sizes are rounded up. Default 4. */
  readonly wordBytes?: number;
  /**
   * Tensors that are in slow memory at the start, whatever computes them: to look at a part of a network. Where an operator before one is not
   * known here, `dims` says its sizes.
   */
  readonly inputs?: readonly string[];
  /** Tensors that must be in slow memory at the end; default the network's outputs. */
  readonly outputs?: readonly string[];
}

/** A network of operators as a DAG, a vertex a tensor, weighted by its words. */
export interface OnnxDag {
  readonly dag: PebbleDag;
  /** Of each vertex: the tensor, what computes it (undefined for inputs and weights), and its shape. */
  readonly tensors: readonly { readonly name: string; readonly operator: string | undefined; readonly dims: readonly number[] }[];
}

/**
 * Reads the graph of an ONNX model as input of the pebble game: a vertex for each tensor that an operator gives, and one for each input and
 * each weight, with its size as weight. Operators run as a whole, with inputs and result in fast memory. Views (Reshape and the like) are the
 * tensor that they show; single numbers and shapes that are known before the network runs are no data. Only what the outputs need is kept.
 *
 * @param file - bytes of a model with its graph; the values of its weights are not read.
 * @throws BadFileError; UnsupportedOperatorError for operators whose result's size is not known here and the outputs need; ArgumentError for sizes that the file
 *   leaves open and `dims` does not give, and for names of tensors that there are not.
 * Source: onnx.proto3 and the operators' definitions of the ONNX project.
 */
export function dagFromOnnx(file: Uint8Array, options: OnnxDagOptions = {}): OnnxDag {
  const { dims = {}, wordBytes = 4, inputs = [] } = options;
  checkWhole('dagFromOnnx', 'wordBytes', wordBytes, 1, 2 ** 30);
  const graph = readOnnx(file);
  const values = networkOf(graph, dims, inputs);
  const storedAs = (name: string, argument: string): Value => {
    const value = values.get(name);
    if (value === undefined) throw new ArgumentError(`dagFromOnnx: ${argument} names ${name}, which the network does not have`, argument);
    if (value instanceof UnsupportedOperatorError) throw value;
    return storageOf(value);
  };
  const given = new Set(inputs.map((name) => storedAs(name, 'inputs')));
  const outputs = (options.outputs ?? graph.outputs).map((name) => storedAs(name, 'outputs'));
  const builder = dagBuilder();
  const vertices = new Map<Value, number>();
  const tensors: OnnxDag['tensors'][number][] = [];
  for (const value of inOrder(outputs, given)) {
    const { name, dims: sizes } = value;
    const isGiven = value.operator === undefined || given.has(value);
    const from = isGiven ? [] : value.from.map((one) => vertices.get(storageOf(one))!);
    vertices.set(value, isGiven ? builder.input(wordsOf(value, wordBytes)) : builder.node(from, wordsOf(value, wordBytes)));
    tensors.push({ name, operator: isGiven ? undefined : value.operator, dims: sizes });
  }
  for (const value of outputs) builder.output(vertices.get(value)!);
  return { dag: builder.build(), tensors };
}

function wordsOf({ name, dims, type }: OnnxTensor & { readonly name: string }, wordBytes: number): number {
  const words = Math.max(1, Math.ceil((sizeOf(dims) * bytesOf(type)) / wordBytes));
  checkWhole('dagFromOnnx', `the size of tensor ${name} in words`, words, 1, 2 ** 31 - 1);
  return words;
}

/** What the outputs need, each after all that it is computed from, in the order of the file. Without recursion: networks are deep. */
function inOrder(outputs: readonly Value[], given: ReadonlySet<Value>): Value[] {
  const state = new Map<Value, 'open' | 'done'>();
  const order: Value[] = [];
  const stack = [...outputs].reverse();
  while (stack.length > 0) {
    const value = stack[stack.length - 1]!;
    const at = state.get(value);
    if (at === undefined) {
      state.set(value, 'open');
      if (!given.has(value)) for (const one of [...value.from].reverse()) if (!state.has(storageOf(one))) stack.push(storageOf(one));
      continue;
    }
    stack.pop();
    if (at === 'open') order.push(value);
    state.set(value, 'done');
  }
  return order;
}
