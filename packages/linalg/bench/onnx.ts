/** The smallest ONNX model that multiplies two n x n matrices, for runtimes that only run models. */
export function matMulModel(n: number, type: 'f64' | 'f32'): Uint8Array {
  const element = type === 'f64' ? 11 : 1;
  const dimension = message(1, number(1, n));
  const tensor = (name: string) => bytesOf(text(1, name), message(2, message(1, number(1, element), message(2, dimension, dimension))));
  const node = message(1, text(1, 'A'), text(1, 'B'), text(2, 'C'), text(4, 'MatMul'));
  const graph = message(7, node, text(2, 'product'), message(11, tensor('A')), message(11, tensor('B')), message(12, tensor('C')));
  return Uint8Array.from(bytesOf(number(1, 8), message(8, text(1, ''), number(2, 13)), graph));
}

type Bytes = readonly number[];

function bytesOf(...parts: Bytes[]): Bytes {
  return parts.flat();
}

/** A protobuf varint. */
function varint(value: number): Bytes {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

function number(field: number, value: number): Bytes {
  return bytesOf(varint(field << 3), varint(value));
}

function message(field: number, ...parts: Bytes[]): Bytes {
  const body = bytesOf(...parts);
  return bytesOf(varint((field << 3) | 2), varint(body.length), body);
}

function text(field: number, value: string): Bytes {
  return message(field, [...new TextEncoder().encode(value)]);
}
