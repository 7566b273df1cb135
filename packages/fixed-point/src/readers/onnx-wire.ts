import { BadFileError } from '@x/linalg';

/**
 * Reads ONNX files: the protobuf wire format, and of its messages what describes a graph (onnx.proto3 of the ONNX project: field numbers are in
 * the comments). One file, on nothing but its bytes.
 */
export interface OnnxGraph {
  /** Names in order; initializers that older files list among the inputs are left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
}

export interface OnnxNode {
  readonly op: string;
  readonly name: string;
  /** Empty names stand for optional ones that are absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxAttribute {
  readonly f: number;
  readonly i: number;
  readonly s: string;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly tensor: OnnxTensor | undefined;
}

/** Values of any numeric type, as doubles: f32 exactly. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** One field of a message: its number, and a whole number or the bytes of what it holds. */
interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array(0);

/** @throws BadFileError where the bytes are no ONNX model. */
export function readOnnxGraph(bytes: Uint8Array): OnnxGraph {
  // ModelProto: graph = 7.
  const graph = fieldsOf(bytes).find(({ number, bytes: content }) => number === 7 && content !== NONE);
  if (graph === undefined) throw new BadFileError('onnx: the file holds no graph; it is not an ONNX model');
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs: string[] = [];
  const outputs: string[] = [];
  // GraphProto: node = 1, initializer = 5, input = 11, output = 12.
  for (const { number, bytes: content } of fieldsOf(graph.bytes)) {
    if (number === 1) nodes.push(nodeOf(content));
    else if (number === 5) {
      const tensor = tensorOf(content);
      initializers.set(tensor.name, tensor);
    } else if (number === 11) inputs.push(nameOf(content));
    else if (number === 12) outputs.push(nameOf(content));
  }
  return { inputs: inputs.filter((name) => !initializers.has(name)), outputs, nodes, initializers };
}

/** ValueInfoProto: name = 1. */
function nameOf(bytes: Uint8Array): string {
  return text(fieldsOf(bytes).find(({ number }) => number === 1)?.bytes ?? NONE);
}

/** NodeProto: input = 1, output = 2, name = 3, op_type = 4, attribute = 5. */
function nodeOf(bytes: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let op = '';
  let name = '';
  for (const { number, bytes: content } of fieldsOf(bytes)) {
    if (number === 1) inputs.push(text(content));
    else if (number === 2) outputs.push(text(content));
    else if (number === 3) name = text(content);
    else if (number === 4) op = text(content);
    else if (number === 5) attributes.set(...attributeOf(content));
  }
  return { op, name, inputs, outputs, attributes };
}

/** AttributeProto: name = 1, f = 2, i = 3, s = 4, t = 5, floats = 7, ints = 8. */
function attributeOf(bytes: Uint8Array): [string, OnnxAttribute] {
  let name = '';
  let f = 0;
  let i = 0;
  let s = '';
  let tensor: OnnxTensor | undefined;
  const ints: number[] = [];
  const floats: number[] = [];
  for (const { number, value, bytes: content } of fieldsOf(bytes)) {
    if (number === 1) name = text(content);
    else if (number === 2) f = floatOf(content);
    else if (number === 3) i = value;
    else if (number === 4) s = text(content);
    else if (number === 5) tensor = tensorOf(content);
    else if (number === 7) for (const v of numbers(content, 4)) floats.push(v);
    else if (number === 8) for (const v of content === NONE ? [value] : varints(content)) ints.push(v);
  }
  return [name, { f, i, s, ints, floats, tensor }];
}

/** TensorProto: dims = 1, data_type = 2, float_data = 4, int32_data = 5, int64_data = 7, name = 8, raw_data = 9, double_data = 10, data_location = 14. */
function tensorOf(bytes: Uint8Array): OnnxTensor {
  const dims: number[] = [];
  const data: number[] = [];
  let type = 0;
  let name = '';
  let raw: Uint8Array | undefined;
  for (const { number, value, bytes: content } of fieldsOf(bytes)) {
    if (number === 1) for (const v of content === NONE ? [value] : varints(content)) dims.push(v);
    else if (number === 2) type = value;
    else if (number === 4) for (const v of numbers(content, 4)) data.push(v);
    else if (number === 5 || number === 7) for (const v of content === NONE ? [value] : varints(content)) data.push(v);
    else if (number === 8) name = text(content);
    else if (number === 9) raw = content;
    else if (number === 10) for (const v of numbers(content, 8)) data.push(v);
    else if (number === 14 && value === 1)
      throw new BadFileError(`onnx: tensor ${name} is kept in another file; save the model with its weights inside`);
  }
  if (!TYPES.includes(type))
    throw new BadFileError(
      `onnx: tensor ${name} has element type ${type}; float, double, float16, bfloat16, int32, int64 and bool are read`,
    );
  const half = HALVES[type];
  const values = raw !== undefined ? rawNumbers(raw, type) : half !== undefined ? Float64Array.from(data, half) : Float64Array.from(data);
  const size = dims.reduce((product, n) => product * n, 1);
  if (values.length !== size)
    throw new BadFileError(`onnx: tensor ${name} has ${values.length} values; its shape ${dims.join(' x ')} has ${size}`);
  return { name, dims, data: values };
}

/** FLOAT = 1, INT32 = 6, INT64 = 7, BOOL = 9, FLOAT16 = 10, DOUBLE = 11, BFLOAT16 = 16. */
const TYPES = [1, 6, 7, 9, 10, 11, 16];

/** The value of 16 bits; files without raw data keep these as whole numbers. */
const HALVES: Readonly<Record<number, (bits: number) => number>> = { 10: float16, 16: bfloat16 };

/** One bit of sign, five of exponent, ten of fraction. */
function float16(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Infinity
          : Number.NaN
        : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

/** The upper half of a float. */
function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits & 0xffff);
  return view.getFloat32(0);
}

/** Numbers as they lie in memory, little-endian. */
function rawNumbers(raw: Uint8Array, type: number): Float64Array {
  if (type === 1) return Float64Array.from(numbers(raw, 4));
  if (type === 11) return Float64Array.from(numbers(raw, 8));
  const view = viewOf(raw);
  if (type === 6) return Float64Array.from({ length: raw.length >> 2 }, (_, k) => view.getInt32(4 * k, true));
  if (type === 7) return Float64Array.from({ length: raw.length >> 3 }, (_, k) => Number(view.getBigInt64(8 * k, true)));
  const half = HALVES[type];
  if (half !== undefined) return Float64Array.from({ length: raw.length >> 1 }, (_, k) => half(view.getUint16(2 * k, true)));
  return Float64Array.from(raw);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function numbers(bytes: Uint8Array, width: 4 | 8): number[] {
  const view = viewOf(bytes);
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, k) =>
    width === 4 ? view.getFloat32(4 * k, true) : view.getFloat64(8 * k, true),
  );
}

function floatOf(bytes: Uint8Array): number {
  return numbers(bytes, 4)[0] ?? Number.NaN;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Whole numbers of 64 bits in groups of seven, lowest first. */
function varints(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [value, next] = varint(bytes, at);
    found.push(value);
    at = next;
  }
  return found;
}

function varint(bytes: Uint8Array, start: number): [value: number, next: number] {
  let value = 0n;
  for (let at = start, shift = 0n; at < bytes.length && shift < 70n; at++, shift += 7n) {
    value |= BigInt(bytes[at] & 127) << shift;
    if (bytes[at] < 128) return [Number(BigInt.asIntN(64, value)), at + 1];
  }
  throw new BadFileError(`onnx: the file breaks off, or is no ONNX model (byte ${bytes.byteOffset + start})`);
}

/** Splits a message: wire type 0 is a varint, 1 and 5 are 8 and 4 bytes, 2 is a length and as many bytes. */
function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [key, start] = varint(bytes, at);
    const type = key & 7;
    let value = 0;
    let content: Uint8Array = NONE;
    let end: number;
    if (type === 0) [value, end] = varint(bytes, start);
    else {
      const [length, from] = type === 2 ? varint(bytes, start) : [type === 1 ? 8 : 4, start];
      end = from + length;
      if (![1, 2, 5].includes(type) || !(length >= 0) || end > bytes.length) {
        throw new BadFileError(`onnx: the file breaks off, or is no ONNX model (byte ${bytes.byteOffset + at})`);
      }
      content = bytes.subarray(from, end);
    }
    fields.push({ number: Math.floor(key / 8), value, bytes: content });
    at = end;
  }
  return fields;
}
