/** The parts of an ONNX file in the wire format of protocol buffers: numbers by seven bits, least first; everything else with its length before it. */

export type Bytes = Uint8Array;

/** Element types of TensorProto. */
export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;
export const DOUBLE = 11;
/** Kinds of AttributeProto. */
const [INT, GRAPH] = [2, 5] as const;

export function join(...parts: readonly Bytes[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function varint(value: number): Bytes {
  const digits: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128);
  return Uint8Array.of(...digits, rest);
}

export function varintField(field: number, value: number): Bytes {
  return join(varint(field * 8), varint(value));
}

export function message(field: number, ...parts: readonly Bytes[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return join(varint(field * 8 + 2), varint(length), ...parts);
}

export function text(field: number, value: string): Bytes {
  return message(field, new TextEncoder().encode(value));
}

export function tensor(name: string, type: number, dims: readonly number[], raw: Uint8Array): Bytes {
  return join(...dims.map((size) => varintField(1, size)), varintField(2, type), text(8, name), message(9, raw));
}

export function integers(name: string, dims: readonly number[], values: readonly number[]): Bytes {
  return tensor(name, INT64, dims, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
}

export function node(
  operator: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  attributes: readonly Bytes[] = [],
): Bytes {
  const results = typeof outputs === 'string' ? [outputs] : outputs;
  return join(
    ...inputs.map((name) => text(1, name)),
    ...results.map((name) => text(2, name)),
    text(4, operator),
    ...attributes.map((attribute) => message(5, attribute)),
  );
}

export function integerAttribute(name: string, value: number): Bytes {
  return join(text(1, name), varintField(3, value), varintField(20, INT));
}

export function graphAttribute(name: string, graph: Bytes): Bytes {
  return join(text(1, name), message(6, graph), varintField(20, GRAPH));
}

/** A named tensor; a dimension that is a name is free. */
export function value(name: string, type: number, shape: readonly (number | string)[]): Bytes {
  const dims = shape.map((size) => message(1, typeof size === 'number' ? varintField(1, size) : text(2, size)));
  return join(text(1, name), message(2, message(1, varintField(1, type), message(2, ...dims))));
}

export function graphOf(
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
