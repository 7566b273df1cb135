import { ArgumentError } from '@x/linalg/errors';
import { checkCollection, checkObject, checkWords, shown } from '../arguments.ts';
import { checkBits } from '../check.ts';
import { signed, unsigned } from './image.ts';

export interface DisassembleOptions {
  /** Bits of a word. Default 16. */
  readonly bits?: number;
  /** Names of addresses, as `assemble` gives them. */
  readonly symbols?: ReadonlyMap<string, number>;
}

/**
 * Source that assembles to the image again: instructions three words a line from address 0, the rest as data. Which words are code cannot
 * be told from an image, so all are written as instructions; it is the same image either way. Names of addresses beyond the end of the image
 * are left out, and numbers stand for them.
 *
 * @throws OutOfRangeError for a word that does not fit; ArgumentError.
 */
export function disassemble(image: ArrayLike<number>, options: DisassembleOptions = {}): string {
  checkWords('disassemble', 'image', image);
  checkObject('disassemble', 'options', options);
  const { bits = 16, symbols = new Map() } = options;
  checkBits('disassemble', bits);
  checkCollection('disassemble', 'symbols', symbols, 'Map');
  for (const name of symbols.keys()) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new ArgumentError(`disassemble: ${shown(name)} is no name of an address`, 'symbols');
  }
  const names = new Map<number, string[]>();
  for (const [name, address] of symbols) {
    // No line of the source stands elsewhere.
    if (address >= 0 && address <= image.length) names.set(address, [...(names.get(address) ?? []), name]);
  }
  const labelsAt = (address: number) => (names.get(address) ?? []).map((name) => `${name}:`).join('');
  const word = (address: number) => {
    const labels = labelsAt(address);
    const value = signed(unsigned('disassemble', image[address]!, bits, address), bits);
    const name = names.get(value)?.[0];
    // `a -1` would be read as a difference.
    return `${labels}${name ?? (value < 0 ? `(${value})` : value)}`;
  };
  const lines: string[] = [];
  const whole = image.length - (image.length % 3);
  for (let at = 0; at < whole; at += 3) lines.push(`${word(at)} ${word(at + 1)} ${word(at + 2)} # ${at}`);
  if (whole < image.length) {
    const rest = Array.from({ length: image.length - whole }, (_, k) => word(whole + k)).join(' ');
    lines.push(`. ${rest} # ${whole}`);
  }
  if (names.has(image.length)) lines.push(`${labelsAt(image.length)} # ${image.length}`);
  return lines.map((line) => `${line}\n`).join('');
}
