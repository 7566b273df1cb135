import { type NumberOption, type Positional, readBytes } from '@x/cli';
import { assemble, parseImage } from '../index.ts';

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

export function shapeOf(
  { words, bits, 'halt-at': haltAt }: { words: number | undefined; bits: number; 'halt-at': number | undefined },
  least: number,
): { readonly words: number; readonly bits: number; readonly haltAt?: number } {
  const usual = Math.max(least, Math.min(2 ** (bits - 1), USUAL_WORDS));
  return { words: words ?? usual, bits, ...(haltAt === undefined ? {} : { haltAt }) };
}

export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path));
}

/** The words of a program, and its labels if it is source. */
export async function readProgram(
  path: string,
  bits: number,
): Promise<{ readonly image: Float64Array; readonly symbols: ReadonlyMap<string, number> }> {
  const text = await readText(path);
  return path.endsWith('.asq') ? assemble(text, { bits }) : { image: parseImage(text, { bits }), symbols: new Map() };
}
