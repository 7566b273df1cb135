/** Messages of the ONNX format; numbers of fields and types are those of onnx.proto3 of the ONNX project. */
import { type Bytes, bytesField, messageField, textField, wholeField } from './protobuf.ts';

/** Element types of a TensorProto. */
const FLOAT = 1;
const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
const DOUBLE = 11;

/** Kinds of an AttributeProto. */
const INT = 2;
const STRING = 3;
const GRAPH = 5;

/** Version of the operators: ScatterElements adds since 16, reductions take their axes as an input since 18. */
const OPSET = 18;
const IR_VERSION = 8;

export type Float = 'f32' | 'f64';

const TYPES: { readonly [float in Float]: number } = { f32: FLOAT, f64: DOUBLE };

export function elementType(float: Float): number {
  return TYPES[float];
}

function tensor(name: string, type: number, dims: readonly number[], raw: ArrayBufferView): Bytes {
  const bytes = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  return [...dims.flatMap((size) => wholeField(1, size)), ...wholeField(2, type), ...textField(8, name), ...bytesField(9, bytes)];
}

export function reals(name: string, float: Float, dims: readonly number[], values: Float64Array): Bytes {
  return tensor(name, TYPES[float], dims, float === 'f64' ? values : Float32Array.from(values));
}

export function indices(name: string, values: Int32Array): Bytes {
  return tensor(name, INT32, [values.length], values);
}

export function integers(name: string, dims: readonly number[], values: readonly number[]): Bytes {
  return tensor(name, INT64, dims, BigInt64Array.from(values, BigInt));
}

export function truth(name: string): Bytes {
  return tensor(name, BOOL, [], Uint8Array.of(1));
}

export function node(operator: string, inputs: readonly string[], outputs: readonly string[], attributes: readonly Bytes[] = []): Bytes {
  return [
    ...inputs.flatMap((name) => textField(1, name)),
    ...outputs.flatMap((name) => textField(2, name)),
    ...textField(4, operator),
    ...attributes.flatMap((attribute) => messageField(5, attribute)),
  ];
}

export function integerAttribute(name: string, value: number): Bytes {
  return [...textField(1, name), ...wholeField(3, value), ...wholeField(20, INT)];
}

export function stringAttribute(name: string, value: string): Bytes {
  return [...textField(1, name), ...textField(4, value), ...wholeField(20, STRING)];
}

export function graphAttribute(name: string, graph: Bytes): Bytes {
  return [...textField(1, name), ...messageField(6, graph), ...wholeField(20, GRAPH)];
}

/** A named tensor of a type and a shape; a dimension that is a name is free. */
export function value(name: string, type: number, shape: readonly (number | string)[]): Bytes {
  const dims = shape.map((size) => messageField(1, typeof size === 'number' ? wholeField(1, size) : textField(2, size)));
  return [...textField(1, name), ...messageField(2, messageField(1, wholeField(1, type), messageField(2, ...dims)))];
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Bytes[];
  readonly initializers: readonly Bytes[];
  readonly inputs: readonly Bytes[];
  readonly outputs: readonly Bytes[];
}

export function graph({ name, nodes, initializers, inputs, outputs }: Graph): Bytes {
  return [
    ...nodes.flatMap((one) => messageField(1, one)),
    ...textField(2, name),
    ...initializers.flatMap((one) => messageField(5, one)),
    ...inputs.flatMap((one) => messageField(11, one)),
    ...outputs.flatMap((one) => messageField(12, one)),
  ];
}

export function model(content: Bytes, metadata: Readonly<Record<string, string | number | boolean>>): Bytes {
  return [
    ...wholeField(1, IR_VERSION),
    ...textField(2, '@x/relu-computer'),
    ...messageField(7, content),
    ...messageField(8, textField(1, ''), wholeField(2, OPSET)),
    ...Object.entries(metadata).flatMap(([key, entry]) => messageField(14, textField(1, key), textField(2, String(entry)))),
  ];
}
