import { readBytes } from '@x/cli';
import { BadFileError } from '@x/linalg/errors';
import { parse as parseNpy } from 'npyjs';
import Papa from 'papaparse';
import { type Dense, type Design, dense } from '../index.ts';

/** First bytes of a .npy file. */
const NPY = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * A matrix from a CSV file (comma, semicolon or tab; a first line of names is skipped) or an array of one or two dimensions in .npy, known
 * by its first bytes; either may be gzipped, and `-` is stdin.
 *
 * @throws BadFileError naming the line and column of what is no number.
 */
async function readMatrix(path: string): Promise<Dense> {
  const bytes = await readBytes(path);
  return NPY.every((byte, i) => bytes[i] === byte) ? fromNpy(path, bytes) : fromCsv(path, new TextDecoder().decode(bytes));
}

/** The same for one row or one column. @throws BadFileError. */
export async function readVector(path: string): Promise<Float64Array> {
  const { rows, cols, data } = await readMatrix(path);
  if (rows !== 1 && cols !== 1) throw new BadFileError(`${path}: ${rows} x ${cols} numbers; one row or one column is wanted`);
  return data;
}

/** The design of --design and --offsets. */
export async function readDesign(options: { readonly design: string; readonly offsets?: string | undefined }): Promise<Design> {
  const A = await readMatrix(options.design);
  return options.offsets === undefined ? { A } : { A, b: await readVector(options.offsets) };
}

function fromCsv(path: string, text: string): Dense {
  const { data: lines } = Papa.parse<string[]>(text.trim(), { skipEmptyLines: true });
  const named = lines.length > 0 && lines[0]!.some((cell) => !isNumber(cell));
  const rows = named ? lines.slice(1) : lines;
  if (rows.length === 0) throw new BadFileError(`${path}: no line of numbers`);
  const cols = rows[0]!.length;
  const data = new Float64Array(rows.length * cols);
  for (const [i, row] of rows.entries()) {
    const line = i + (named ? 2 : 1);
    if (row.length !== cols) throw new BadFileError(`${path}: line ${line} has ${row.length} cells, the first one ${cols}`);
    for (const [j, cell] of row.entries()) {
      if (!isNumber(cell)) throw new BadFileError(`${path}: line ${line}, column ${j + 1}: '${cell}' is no number`);
      data[i * cols + j] = Number(cell);
    }
  }
  return dense(rows.length, cols, data);
}

function isNumber(cell: string): boolean {
  return cell.trim() !== '' && Number.isFinite(Number(cell));
}

function fromNpy(path: string, bytes: Uint8Array): Dense {
  const { data, shape, fortranOrder, dtype } = parsedNpy(path, bytes);
  if (shape.length < 1 || shape.length > 2 || !/^[fiu]\d$/.test(dtype)) {
    throw new BadFileError(
      `${path}: an array of ${dtype} with shape (${shape.join(', ')}); one or two dimensions of real numbers are wanted`,
    );
  }
  const [rows, cols] = [shape[0]!, shape[1] ?? 1];
  if (data.length !== rows * cols) throw new BadFileError(`${path}: ${data.length} numbers for the shape (${shape.join(', ')})`);
  const at = (i: number, j: number) => Number(data[fortranOrder ? j * rows + i : i * cols + j]);
  return dense(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, (_, p) => at(Math.floor(p / cols), p % cols)),
  );
}

function parsedNpy(path: string, bytes: Uint8Array) {
  try {
    // A copy with a buffer of its own: that of a Buffer may hold more.
    const { data, ...rest } = parseNpy(new Uint8Array(bytes).buffer);
    return { ...rest, data: data as unknown as ArrayLike<number | bigint> };
  } catch (error) {
    throw new BadFileError(`${path}: no .npy file that can be read: ${(error as Error).message}`);
  }
}
