import { BadFileError } from '@x/linalg/errors';

/** One field of a protocol buffer message: a whole number, or the bytes of what it holds. */
export interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array(0);

/**
 * The fields of a message in order. Bytes are views, so that weights are never copied.
 *
 * @throws BadFileError where the bytes break off or a type of field does not exist.
 */
export function* fieldsOf(message: Uint8Array): Generator<Field, void, void> {
  const reader = { bytes: message, at: 0 };
  while (reader.at < message.length) {
    const key = varint(reader);
    const number = Math.floor(key / 8);
    const kind = key % 8;
    if (kind === 0) yield { number, value: varint(reader), bytes: NONE };
    else if (kind === 1) yield { number, value: 0, bytes: take(reader, 8) };
    else if (kind === 2) yield { number, value: 0, bytes: take(reader, varint(reader)) };
    else if (kind === 5) yield { number, value: 0, bytes: take(reader, 4) };
    else throw new BadFileError(`onnx: byte ${reader.at} begins a field of type ${kind}; the file is no ONNX model`);
  }
}

/** Whole numbers that stand one behind the other, or the single one of a field that is not packed. */
export function wholeNumbers({ value, bytes }: Field): number[] {
  if (bytes === NONE) return [value];
  const reader = { bytes, at: 0 };
  const list: number[] = [];
  while (reader.at < bytes.length) list.push(varint(reader));
  return list;
}

const decoder = new TextDecoder();

export function textOf({ bytes }: Field): string {
  return decoder.decode(bytes);
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

/** A number of up to ten groups of seven bits, negative ones as 2^64 less their size. */
function varint(reader: Reader): number {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw new BadFileError('onnx: the file breaks off');
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return Number(BigInt.asIntN(64, value));
  }
  throw new BadFileError('onnx: a whole number has more than ten bytes; the file is no ONNX model');
}

function take(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length;
  if (length < 0 || end > reader.bytes.length) throw new BadFileError('onnx: the file breaks off');
  const bytes = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return bytes;
}
