import { checkObject, checkText, checkWhole, checkWords, shown } from '../arguments.ts';
import { checkBits, MOST_WORDS } from '../check.ts';
import { BadProgramError, OutOfRangeError } from '../errors.ts';

/**
 * Reads an image: whole numbers between spaces, commas or line ends; negative ones stand for themselves plus 2^bits.
 *
 * @param options.words - how many words there may be. Default as many as a memory can have, so that a text of any length takes a bounded memory.
 * @throws BadProgramError with line and column where something is no number; OutOfRangeError for one outside [-2^(bits - 1), 2^bits), or for
 *   more of them than there may be.
 */
export function parseImage(text: string, options: { readonly bits?: number; readonly words?: number } = {}): Float64Array {
  checkText('parseImage', 'text', text);
  checkObject('parseImage', 'options', options);
  checkBits('parseImage', options.bits ?? 16);
  const { bits = 16, words: most = mostWords(bits) } = options;
  checkWhole('parseImage', 'words', most, 0);
  const words: number[] = [];
  let line = 1;
  let lineStart = 0;
  for (const { 0: word, index } of text.matchAll(/\n|[^\s,]+/g)) {
    if (word === '\n') {
      line++;
      lineStart = index + 1;
      continue;
    }
    if (!/^[+-]?[0-9]{1,16}$/.test(word)) {
      const shown = word.length > 40 ? `${word.slice(0, 40)}...` : word;
      throw new BadProgramError(
        `parseImage: line ${line}, column ${index - lineStart + 1}: ${shown} is no whole number`,
        line,
        index - lineStart + 1,
      );
    }
    if (words.length >= most) {
      throw new OutOfRangeError(`parseImage: the image has more than ${most} words; a memory has no more`, undefined, words.length + 1);
    }
    words.push(unsigned(`parseImage: line ${line}, column ${index - lineStart + 1}`, Number(word), bits, words.length));
  }
  return Float64Array.from(words);
}

/** Cells that a memory of words of so many bits can have. */
export function mostWords(bits: number): number {
  return Math.min(2 ** bits - 1, MOST_WORDS);
}

/** An image as text, one signed word a line. @throws OutOfRangeError for a word that does not fit; ArgumentError. */
export function formatImage(image: ArrayLike<number>, options: { readonly bits?: number } = {}): string {
  checkWords('formatImage', 'image', image);
  checkObject('formatImage', 'options', options);
  const { bits = 16 } = options;
  checkBits('formatImage', bits);
  return Array.from(image, (word, i) => `${signed(unsigned('formatImage', word, bits, i), bits)}\n`).join('');
}

/** The word as it stands in memory, in [0, 2^bits). */
export function unsigned(operation: string, word: number, bits: number, index: number): number {
  const W = 2 ** bits;
  if (!(Number.isInteger(word) && word >= -W / 2 && word < W)) {
    throw new OutOfRangeError(`${operation}: word ${index} is ${shown(word)}; it must be a whole number in [${-W / 2}, ${W})`, index, word);
  }
  // + 0: there is no -0.
  return word < 0 ? word + W : word + 0;
}

/** The number that a word stands for, in [-2^(bits - 1), 2^(bits - 1)). */
export function signed(word: number, bits: number): number {
  const W = 2 ** bits;
  return word >= W / 2 ? word - W : word;
}
