import { BadFileError } from '@x/linalg/errors';
import { type Bytes, bytesOf, COMPRESSED, type Element, MATRIX } from './bytes.ts';
import { inflate } from './inflate.ts';

/** A value of a MATLAB file. Matrices are stored by columns. */
export type MatValue = MatNumbers | MatSparse | MatText | MatCells | MatStruct | { readonly kind: 'other'; readonly what: string };

export interface MatNumbers {
  readonly kind: 'numbers';
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

export interface MatSparse {
  readonly kind: 'sparse';
  readonly rows: number;
  readonly cols: number;
  readonly indptr: Float64Array;
  readonly indices: Float64Array;
  readonly data: Float64Array;
}

/** The rows of a character array, without trailing blanks. */
export interface MatText {
  readonly kind: 'text';
  readonly rows: readonly string[];
}

export interface MatCells {
  readonly kind: 'cells';
  readonly items: readonly MatValue[];
}

/** A struct, or an array of them: one map an item. Maps, not objects: a field may be called `__proto__`. */
export interface MatStruct {
  readonly kind: 'struct';
  readonly items: readonly ReadonlyMap<string, MatValue>[];
}

export interface MatOptions {
  /** Most bytes accepted, compressed and decompressed together. Default 1 Gi. */
  readonly maxBytes?: number;
}

/** Cells and structs may nest this deep. */
const DEEPEST = 32;

const CLASSES = { cell: 1, struct: 2, object: 3, text: 4, sparse: 5, double: 6, uint64: 15 } as const;

/**
 * Reads the variables of a MATLAB level 5 file (the format of `save -v6` and `-v7`, compressed too).
 *
 * @throws BadFileError with the offset, on anything the format does not allow; for a version 7.3 file, which is HDF5, it says so.
 * Source: MathWorks, "MAT-File Format", the chapter on level 5 files.
 */
export async function readMatFile(content: Uint8Array, options: MatOptions = {}): Promise<Map<string, MatValue>> {
  const { maxBytes = 2 ** 30 } = options;
  if (content.length > maxBytes) throw new BadFileError(`readMat: the file has ${content.length} bytes; at most ${maxBytes} are read`);
  const little = header(content);
  const file = bytesOf(content, little, 'the file');
  const variables = new Map<string, MatValue>();
  let budget = maxBytes - content.length;
  for (let at = 128; at < content.length; ) {
    const element = file.element(at, content.length);
    const where = `the variable at byte ${at}`;
    let bytes = file;
    let matrix = element;
    if (element.type === COMPRESSED) {
      const inside = await inflate(file.slice(element), budget, where);
      budget -= inside.length;
      bytes = bytesOf(inside, little, where);
      matrix = bytes.element(0, inside.length);
    }
    at = element.next;
    if (matrix.type !== MATRIX) continue;
    const { name, value } = readMatrix(bytes, matrix, 0);
    if (variables.has(name)) throw new BadFileError(`readMat: variable ${name} comes twice`);
    variables.set(name, value);
  }
  return variables;
}

/** @returns whether numbers are stored with the low byte first. */
function header(content: Uint8Array): boolean {
  const text = (from: number, to: number) => String.fromCharCode(...content.subarray(from, to));
  if (text(0, 4) === '\x89HDF' || (content.length > 520 && text(512, 516) === '\x89HDF')) {
    throw new BadFileError('readMat: this is a version 7.3 file, which is HDF5; save it with -v7');
  }
  const mark = text(126, 128);
  if (content.length < 128 || (mark !== 'IM' && mark !== 'MI')) {
    throw new BadFileError('readMat: this is no MATLAB level 5 file: bytes 126 and 127 must be IM or MI');
  }
  return mark === 'IM';
}

function readMatrix(bytes: Bytes, element: Element, depth: number): { readonly name: string; readonly value: MatValue } {
  if (depth > DEEPEST) throw bytes.bad(element.from, `cells and structs nest deeper than ${DEEPEST}`);
  let at = element.from;
  const next = () => {
    const part = bytes.element(at, element.to);
    at = part.next;
    return part;
  };
  // An empty matrix may stand without any content.
  if (element.from === element.to) return { name: '', value: { kind: 'numbers', dims: [0, 0], data: new Float64Array() } };
  const flags = bytes.numbers(next());
  const kind = flags[0]! & 0xff;
  const complex = (flags[0]! & 0x800) !== 0;
  const dims = [...bytes.numbers(next())];
  const count = dims.reduce((product, n) => product * n, 1);
  if (dims.length < 2 || !dims.every((n) => n >= 0 && Number.isInteger(n)) || count > 2 ** 32) {
    throw bytes.bad(element.from, `dimensions ${dims.join(' x ')}`);
  }
  const name = latin1(bytes, next());
  if (complex) return { name, value: { kind: 'other', what: 'complex numbers' } };
  const nested = () => {
    const part = next();
    if (part.type !== MATRIX) throw bytes.bad(part.from, `data of type ${part.type}, where a matrix is expected`);
    return readMatrix(bytes, part, depth + 1).value;
  };
  /** Each takes at least a tag: a count beyond that is a lie, found before anything is allocated. */
  const checkCount = (items: number) => {
    if (items * 8 > element.to - at) throw bytes.bad(at, `${items} items are announced; the data ends before`);
  };
  switch (kind) {
    case CLASSES.cell: {
      checkCount(count);
      return { name, value: { kind: 'cells', items: Array.from({ length: count }, nested) } };
    }
    case CLASSES.struct: {
      const width = bytes.numbers(next())[0] ?? 0;
      const fields = fixedWidth(latin1(bytes, next(), true), width);
      // Items without fields take no bytes at all.
      checkCount(count * Math.max(fields.length, 1));
      const items = Array.from({ length: count }, () => new Map(fields.map((field) => [field, nested()] as const)));
      return { name, value: { kind: 'struct', items } };
    }
    case CLASSES.text: {
      const codes = bytes.numbers(next());
      if (codes.length < count) throw bytes.bad(element.from, `${codes.length} characters; ${dims.join(' x ')} are announced`);
      return { name, value: { kind: 'text', rows: textRows(codes, dims[0]!, count) } };
    }
    case CLASSES.sparse: {
      const [indices, indptr, data] = [bytes.numbers(next()), bytes.numbers(next()), bytes.numbers(next())];
      checkSparse(bytes, element, dims, indptr, indices, data);
      return { name, value: { kind: 'sparse', rows: dims[0]!, cols: dims[1]!, indptr, indices, data } };
    }
    default: {
      if (kind < CLASSES.double || kind > CLASSES.uint64) return { name, value: { kind: 'other', what: `class ${kind}` } };
      const data = bytes.numbers(next());
      if (data.length !== count)
        throw bytes.bad(element.from, `${name || 'a matrix'} has ${data.length} entries; ${dims.join(' x ')} are announced`);
      return { name, value: { kind: 'numbers', dims, data } };
    }
  }
}

function checkSparse(
  bytes: Bytes,
  { from }: Element,
  [rows = 0, cols = 0]: readonly number[],
  indptr: Float64Array,
  indices: Float64Array,
  data: Float64Array,
): void {
  const count = indptr[cols];
  const rising = indptr.every((p, j) => (j === 0 ? p === 0 : p >= indptr[j - 1]!));
  if (indptr.length !== cols + 1 || count === undefined || !rising)
    throw bytes.bad(from, 'the column starts of a sparse matrix do not rise from 0');
  if (indices.length < count || data.length < count) throw bytes.bad(from, `a sparse matrix of ${count} entries has fewer`);
  for (let p = 0; p < count; p++) {
    if (!(indices[p]! >= 0 && indices[p]! < rows)) throw bytes.bad(from, `row ${indices[p]} of a sparse matrix of ${rows} rows`);
  }
}

function latin1(bytes: Bytes, element: Element, keepNulls = false): string {
  const text = Array.from(bytes.slice(element), (code) => String.fromCharCode(code)).join('');
  return keepNulls ? text : text.replaceAll('\0', '');
}

function fixedWidth(text: string, width: number): string[] {
  if (!(width > 0)) return [];
  return Array.from({ length: Math.floor(text.length / width) }, (_, k) => text.slice(k * width, (k + 1) * width).split('\0')[0]!);
}

function textRows(codes: Float64Array, rows: number, count: number): string[] {
  if (rows === 0 || count === 0) return [''];
  return Array.from({ length: rows }, (_, i) => {
    let row = '';
    for (let k = i; k < Math.min(count, codes.length); k += rows) row += String.fromCodePoint(codes[k]! <= 0x10ffff ? codes[k]! : 0xfffd);
    return row.trimEnd();
  });
}
