import { createReadStream } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { NumberOption, Positional } from '@x/cli';
import { BadFileError } from '@x/linalg/errors';
import { assemble, OutOfRangeError, parseImage } from '../index.ts';

export const PROGRAM: Positional = {
  name: 'PROGRAM',
  help: 'an image of numbers, or source where the name ends in .asq; - is an image on stdin',
};
export const BITS: NumberOption & { readonly default: number } = { type: 'integer', default: 16, min: 2, max: 48, help: 'bits of a word' };
export const MACHINE: { readonly words: NumberOption; readonly bits: typeof BITS; readonly 'halt-at': NumberOption } = {
  words: { type: 'integer', min: 1, help: 'cells of memory; default 2^(bits - 1), at most 32768, or as many as the program has' },
  bits: BITS,
  'halt-at': { type: 'integer', min: 1, help: 'the machine halts where pc is at least this; default the number of words' },
};

/** Memory that programs expect: all addresses that are not negative, as far as a network of moderate size goes. */
const USUAL_WORDS = 32768;

/** Memory that an image gets by its length alone: a network of some hundred megabytes. */
const MOST_UNASKED = 2 ** 18;

/** Bytes of a program: words of the largest memory, in decimal. */
const MOST_BYTES = 2 ** 26;

export function shapeOf(
  { words, bits, 'halt-at': haltAt }: { words: number | undefined; bits: number; 'halt-at': number | undefined },
  least: number,
): { readonly words: number; readonly bits: number; readonly haltAt?: number } {
  if (words === undefined && least > MOST_UNASKED) {
    throw new OutOfRangeError(`the image has ${least} words; for more than ${MOST_UNASKED} of them give --words`, undefined, least);
  }
  const usual = Math.max(least, Math.min(2 ** (bits - 1), USUAL_WORDS));
  return { words: words ?? usual, bits, ...(haltAt === undefined ? {} : { haltAt }) };
}

/** A text of a bounded length, from a file, stdin (`-`) or a pipe that may have no end; gzip is uncompressed. */
export async function readText(path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const tooLong = () =>
    new OutOfRangeError(`${path} has more than ${MOST_BYTES} bytes, which is more than a program has`, undefined, length);
  for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
    length += chunk.length;
    if (length > MOST_BYTES) throw tooLong();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes.toString();
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong();
    throw new BadFileError(`${path} is no gzip file, or a part of one: ${(error as Error).message}`);
  }
}

/** The words of a program, and its labels if it is source. */
export async function readProgram(
  path: string,
  bits: number,
): Promise<{ readonly image: Float64Array; readonly symbols: ReadonlyMap<string, number> }> {
  const text = await readText(path);
  return path.endsWith('.asq') ? assemble(text, { bits }) : { image: parseImage(text, { bits }), symbols: new Map() };
}
