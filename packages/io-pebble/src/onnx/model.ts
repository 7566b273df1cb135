import { BadFileError } from '@x/linalg/errors';
import { type Field, fieldsOf, textOf, wholeNumbers } from './wire.ts';

/** A tensor of a graph: its sizes, the type of its elements (TensorProto.DataType), and, where it is short, its values. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly type: number;
  readonly values: readonly number[] | undefined;
}

/** A tensor that a user gives; sizes are numbers or names. */
export interface OnnxInput {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly (number | string)[];
}

export interface OnnxAttribute {
  readonly int: number;
  readonly float: number;
  readonly text: string;
  readonly ints: readonly number[];
  readonly tensor: OnnxTensor | undefined;
}

export interface OnnxNode {
  readonly operator: string;
  /** Its name, or where it has none the name of its first result. */
  readonly name: string;
  /** Names of tensors; empty for optional ones that are absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  readonly weights: ReadonlyMap<string, OnnxTensor>;
}

/** Values are kept of tensors no longer than this: longer ones are no shapes. */
export const MOST_VALUES = 64;

/**
 * What a model file says of its graph, without the values of its weights. Field numbers are those of onnx.proto3.
 *
 * @throws BadFileError where the bytes are no ONNX model.
 */
export function readOnnx(file: Uint8Array): OnnxGraph {
  let graph: Field | undefined;
  for (const field of fieldsOf(file)) if (field.number === 7) graph = field;
  if (graph === undefined) throw new BadFileError('onnx: the file holds no graph; it is no ONNX model');
  const nodes: OnnxNode[] = [];
  const weights = new Map<string, OnnxTensor>();
  const inputs: OnnxInput[] = [];
  const outputs: string[] = [];
  for (const field of fieldsOf(graph.bytes)) {
    if (field.number === 1) nodes.push(nodeOf(field.bytes));
    else if (field.number === 5) weights.set(...tensorOf(field.bytes));
    else if (field.number === 11) inputs.push(inputOf(field.bytes));
    else if (field.number === 12) outputs.push(inputOf(field.bytes).name);
  }
  return { inputs: inputs.filter(({ name }) => !weights.has(name)), outputs, nodes, weights };
}

function nodeOf(bytes: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let [operator, name] = ['', ''];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) inputs.push(textOf(field));
    else if (field.number === 2) outputs.push(textOf(field));
    else if (field.number === 3) name = textOf(field);
    else if (field.number === 4) operator = textOf(field);
    else if (field.number === 5) attributes.set(...attributeOf(field.bytes));
  }
  return { operator, name: name === '' ? (outputs[0] ?? '') : name, inputs, outputs, attributes };
}

function attributeOf(bytes: Uint8Array): [string, OnnxAttribute] {
  const ints: number[] = [];
  let [name, int, float, text] = ['', 0, 0, ''];
  let tensor: OnnxTensor | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) name = textOf(field);
    else if (field.number === 2) float = numbersOf(field.bytes, FLOAT)[0] ?? 0;
    else if (field.number === 3) int = field.value;
    else if (field.number === 4) text = textOf(field);
    else if (field.number === 5) tensor = tensorOf(field.bytes)[1];
    else if (field.number === 8) for (const value of wholeNumbers(field)) ints.push(value);
  }
  return [name, { int, float, text, ints, tensor }];
}

function inputOf(bytes: Uint8Array): OnnxInput {
  const result: { name: string; type: number; dims: (number | string)[] } = { name: '', type: FLOAT, dims: [] };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) result.name = textOf(field);
    // TypeProto.tensor_type: elem_type = 1, shape = 2.
    else if (field.number === 2) {
      for (const type of fieldsOf(field.bytes)) {
        if (type.number !== 1) continue;
        for (const part of fieldsOf(type.bytes)) {
          if (part.number === 1) result.type = part.value;
          else if (part.number === 2) for (const dim of fieldsOf(part.bytes)) result.dims.push(dimOf(dim.bytes, result.dims.length));
        }
      }
    }
  }
  return result;
}

/** A size: a number, the name of one, or the place of one that has none. */
function dimOf(bytes: Uint8Array, place: number): number | string {
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.value > 0) return field.value;
    if (field.number === 2) return textOf(field);
  }
  return `${place}`;
}

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

/** Bytes of an element by TensorProto.DataType, from FLOAT = 1 on; 0 stands for text. */
const BYTES = [0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 8, 16, 2] as const;

/** @throws BadFileError for types that are no numbers of whole bytes. */
export function bytesOf(type: number): number {
  const bytes = BYTES[type] ?? 0;
  if (bytes === 0) throw new BadFileError(`onnx: elements of type ${type}; only numbers of whole bytes are known`);
  return bytes;
}

/** Whether division drops what is left over. */
export function isWhole(type: number): boolean {
  return (type >= 2 && type <= 7) || type === 12 || type === 13;
}

function tensorOf(bytes: Uint8Array): [string, OnnxTensor] {
  const dims: number[] = [];
  const listed: number[] = [];
  let [type, name] = [0, ''];
  let raw: Uint8Array | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) for (const size of wholeNumbers(field)) dims.push(size);
    else if (field.number === 2) type = field.value;
    else if (field.number === 8) name = textOf(field);
    else if (field.number === 9) raw = field.bytes;
    else if (sizeOf(dims) > MOST_VALUES) continue;
    else if (field.number === 4) for (const value of numbersOf(field.bytes, FLOAT)) listed.push(value);
    else if (field.number === 5 || field.number === 7) for (const value of wholeNumbers(field)) listed.push(value);
  }
  for (const size of dims) {
    if (!(Number.isSafeInteger(size) && size >= 0)) throw new BadFileError(`onnx: tensor ${name} has a size of ${size}`);
  }
  const short = sizeOf(dims) <= MOST_VALUES;
  const values = !short ? undefined : raw === undefined ? listed : numbersOf(raw, type);
  return [name, { dims, type, values: values?.length === sizeOf(dims) ? values : undefined }];
}

/** Numbers of 32 or 64 bits, whole or not; none of other types, which no shape has. */
function numbersOf(bytes: Uint8Array, type: number): number[] {
  const width = BYTES[type] ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read: Readonly<Record<number, (at: number) => number>> = {
    1: (at) => view.getFloat32(at, true),
    6: (at) => view.getInt32(at, true),
    7: (at) => Number(view.getBigInt64(at, true)),
    11: (at) => view.getFloat64(at, true),
  };
  const one = read[type];
  return one === undefined ? [] : Array.from({ length: Math.floor(bytes.length / width) }, (_, k) => one(k * width));
}

export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}
