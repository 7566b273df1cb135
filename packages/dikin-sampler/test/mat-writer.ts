import { deflateSync } from 'node:zlib';

/** Writes MATLAB level 5 data, one function a kind of value, each from the format's description and not from the reader. */

export type Value = (name: string) => Buffer;

function element(type: number, content: Buffer): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(content.length, 4);
  return Buffer.concat([tag, content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
}

/** Up to four bytes lie in the tag itself. */
function small(type: number, content: Buffer): Buffer {
  const whole = Buffer.alloc(8);
  whole.writeUInt32LE((content.length << 16) | type, 0);
  content.copy(whole, 4);
  return whole;
}

const doubles = (values: readonly number[]) => element(9, Buffer.from(Float64Array.from(values).buffer));
const ints = (values: readonly number[]) => element(5, Buffer.from(Int32Array.from(values).buffer));
const bytes = (text: string) => Buffer.from(text, 'latin1');

function matrix(kind: number, dims: readonly number[], name: string, parts: readonly Buffer[]): Buffer {
  const flags = element(6, Buffer.from(Uint32Array.of(kind, 0).buffer));
  const label = name.length > 0 && name.length <= 4 ? small(1, bytes(name)) : element(1, bytes(name));
  return element(14, Buffer.concat([flags, ints(dims), label, ...parts]));
}

/** Entries by columns. */
export const full =
  (rows: number, cols: number, entries: readonly number[]): Value =>
  (name) =>
    matrix(6, [rows, cols], name, [doubles(entries)]);

export const sparse =
  (rows: number, cols: number, starts: readonly number[], indices: readonly number[], entries: readonly number[]): Value =>
  (name) =>
    matrix(5, [rows, cols], name, [ints(indices), ints(starts), doubles(entries)]);

/** A row of characters, in UTF-16. */
export const text =
  (value: string): Value =>
  (name) =>
    matrix(4, [1, value.length], name, [element(17, Buffer.from(value, 'utf16le'))]);

/** An array of a class that announces more than it holds. */
export const announced =
  (kind: number, rows: number, cols: number): Value =>
  (name) =>
    matrix(kind, [rows, cols], name, [element(17, Buffer.alloc(4))]);

/** Structs without any field, which take no bytes. */
export const fieldless =
  (count: number): Value =>
  (name) =>
    matrix(2, [count, 1], name, [small(5, Buffer.from(Int32Array.of(32).buffer)), element(1, Buffer.alloc(0))]);

export const cells =
  (items: readonly Value[]): Value =>
  (name) =>
    matrix(
      1,
      [items.length, 1],
      name,
      items.map((item) => item('')),
    );

export const struct =
  (fields: Readonly<Record<string, Value>>): Value =>
  (name) => {
    const names = Object.keys(fields).map((field) => bytes(field.padEnd(32, '\0')));
    return matrix(2, [1, 1], name, [
      small(5, Buffer.from(Int32Array.of(32).buffer)),
      element(1, Buffer.concat(names)),
      ...Object.values(fields).map((value) => value('')),
    ]);
  };

export function file(variables: Readonly<Record<string, Value>>, compressed: boolean): Buffer {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file');
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126);
  const parts = Object.entries(variables).map(([name, value]) => value(name));
  const packed = parts.map((part) => {
    const content = deflateSync(part);
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(15, 0);
    tag.writeUInt32LE(content.length, 4);
    return Buffer.concat([tag, content]);
  });
  return Buffer.concat([header, ...(compressed ? packed : parts)]);
}
