import { BadFileError } from '@x/linalg/errors';

/** Numeric types of a data element. */
const TYPES: Readonly<Record<number, { readonly bytes: number; read(view: DataView, at: number, little: boolean): number }>> = {
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  4: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  5: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  6: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  7: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  9: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  12: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  13: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  16: { bytes: 1, read: (view, at) => view.getUint8(at) },
  17: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  18: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
};

/** One data element: its type, and where its content lies. */
export interface Element {
  readonly type: number;
  readonly from: number;
  readonly to: number;
  /** Where the next one starts: content is padded to eight bytes, but for compressed elements. */
  readonly next: number;
}

export const COMPRESSED = 15;
export const MATRIX = 14;

/** Bytes of a file, or of one decompressed part of it, with every access checked. */
export interface Bytes {
  readonly length: number;
  /** The element that starts at `at`. */
  element(at: number, end: number): Element;
  numbers(element: Element): Float64Array;
  slice(element: Element): Uint8Array;
  /** An error at an offset. */
  bad(at: number, what: string): BadFileError;
}

/** @param where - names the bytes in messages. */
export function bytesOf(content: Uint8Array, little: boolean, where: string): Bytes {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const bad = (at: number, what: string) => new BadFileError(`readMat: ${where}, byte ${at}: ${what}`);
  return {
    length: content.length,
    bad,
    element(at, end) {
      if (at + 8 > end) throw bad(at, 'the data ends inside a tag');
      const first = view.getUint32(at, little);
      // A small element has its size in the upper half of the first word and its content in the second.
      const small = first >>> 16;
      const type = small === 0 ? first : first & 0xffff;
      const size = small === 0 ? view.getUint32(at + 4, little) : small;
      if (small > 4) throw bad(at, `a small element of ${small} bytes; at most 4 fit`);
      const from = small === 0 ? at + 8 : at + 4;
      if (size > end - from) throw bad(at, `an element of ${size} bytes; ${end - from} are left`);
      const padded = type === COMPRESSED ? size : Math.ceil(size / 8) * 8;
      return { type, from, to: from + size, next: small === 0 ? Math.min(from + padded, end) : at + 8 };
    },
    numbers({ type, from, to }) {
      const kind = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
      if (kind === undefined) throw bad(from, `data of type ${type}, where numbers are expected`);
      if ((to - from) % kind.bytes !== 0) throw bad(from, `${to - from} bytes are no whole number of values of ${kind.bytes} bytes`);
      const values = new Float64Array((to - from) / kind.bytes);
      for (let k = 0; k < values.length; k++) values[k] = kind.read(view, from + k * kind.bytes, little);
      return values;
    },
    slice: ({ from, to }) => content.subarray(from, to),
  };
}
