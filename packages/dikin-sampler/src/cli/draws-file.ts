import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '@x/cli';
import type { Run } from '../index.ts';

/** A file that draws will be written to, opened before the work: a path that cannot be written to should not cost a night's draws. */
export interface DrawsFile {
  write(run: Run): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param path - `.csv` for text with a header, `.npy` for the array chains x draws x variables that `numpy.load` reads.
 * @param fresh - refuse to replace a file that exists: further draws of an earlier run must not cost the earlier ones.
 * @throws UsageError for another ending.
 */
export async function drawsFile(path: string, fresh: boolean): Promise<DrawsFile> {
  const write = path.endsWith('.npy') ? writeNpy : path.endsWith('.csv') ? writeCsv : undefined;
  if (write === undefined) throw new UsageError(`--out is '${path}'; it must end in .csv or .npy`);
  const file = await open(path, fresh ? 'wx' : 'w');
  return { write: (run) => write(file, run), close: () => file.close() };
}

/** Characters, or numbers, that are written at a time: the whole may not fit a string. */
const PART = 1 << 20;

/** chain, draw, and one column a variable; numbers in their shortest exact form. */
async function writeCsv(file: FileHandle, { samples, chains, draws, names }: Run): Promise<void> {
  let part = `${['chain', 'draw', ...names].map(quoted).join(',')}\n`;
  for (let c = 0; c < chains; c++) {
    for (let t = 0; t < draws; t++) {
      const at = (c * draws + t) * names.length;
      part += `${[c, t, ...samples.subarray(at, at + names.length)].join(',')}\n`;
      if (part.length < PART) continue;
      await file.appendFile(part);
      part = '';
    }
  }
  await file.appendFile(part);
}

function quoted(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/**
 * Version 1.0 of NumPy's format: magic, version, length of the header, the header padded so that the numbers start at a multiple of 64.
 *
 * Source: NumPy, "numpy.lib.format".
 */
async function writeNpy(file: FileHandle, { samples, chains, draws, names }: Run): Promise<void> {
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${chains}, ${draws}, ${names.length}), }`;
  const PREFIX = 10;
  const length = Math.ceil((PREFIX + dictionary.length + 1) / 64) * 64 - PREFIX;
  const header = new Uint8Array(PREFIX + length);
  header.set([0x93, ...'NUMPY'].map((v) => (typeof v === 'number' ? v : v.charCodeAt(0))));
  header.set([1, 0, length & 255, length >> 8], 6);
  header.set(new TextEncoder().encode(`${dictionary.padEnd(length - 1)}\n`), PREFIX);
  await file.appendFile(header);
  for (let from = 0; from < samples.length; from += PART) {
    const part = samples.subarray(from, from + PART);
    const bytes = new DataView(new ArrayBuffer(8 * part.length));
    for (const [k, value] of part.entries()) bytes.setFloat64(8 * k, value, true);
    await file.appendFile(new Uint8Array(bytes.buffer));
  }
}
