import { ArgumentError } from '@x/linalg/errors';
import { checkComputer, checkObject, checkWhole, checkWords } from './arguments.ts';
import { unsigned } from './asm/image.ts';
import type { ReluComputer } from './computer.ts';
import { OutOfRangeError } from './errors.ts';
import { neuronName } from './network/stage.ts';

/** What a state vector says. */
export interface State {
  readonly memory: Float64Array;
  readonly pc: number;
  /** The word that the last step wrote, if it did. */
  readonly output: number | undefined;
}

/**
 * The state vector of a machine that has been loaded and stands at pc: what the network, or a file of `toOnnx`, is applied to.
 *
 * @param image - words from address 0 on, in [-2^(bits - 1), 2^bits); the rest of the memory is 0.
 * @throws OutOfRangeError for an image longer than the memory, or a word that does not fit; ArgumentError.
 */
export function encode(computer: ReluComputer, image: ArrayLike<number>, options: { readonly pc?: number } = {}): Float64Array {
  checkComputer('encode', computer);
  checkObject('encode', 'options', options);
  const { words, bits } = computer.architecture;
  const { pc = 0 } = options;
  checkPc('encode', pc, words);
  return computer.layout.encode(loaded('encode', image, words, bits), pc);
}

/**
 * What a state vector says, such as one that a runtime has computed.
 *
 * @throws ArgumentError for a vector of another length; OutOfRangeError for one that is no state of the machine: an entry is not whole, or
 *   outside its range, as happens where a runtime rounds.
 */
export function decode(computer: ReluComputer, x: ArrayLike<number>): State {
  checkComputer('decode', computer);
  checkWords('decode', 'x', x);
  const { layout, architecture } = computer;
  if (x.length !== layout.size) throw new ArgumentError(`decode: x has ${x.length} entries; a state has ${layout.size}`, 'x');
  checkEntries(layout, x);
  return {
    memory: Float64Array.from({ length: architecture.words }, (_, address) => layout.word(x, address)),
    pc: layout.pc(x),
    output: layout.output(x),
  };
}

function checkEntries({ groups }: ReluComputer['layout'], x: ArrayLike<number>): void {
  for (const { start, count, claim } of groups) {
    for (let i = start; i < start + count; i++) {
      const value = x[i]!;
      // Bits with a sign are 1 or -1.
      const allowed = claim.signed ? Math.abs(value) === claim.max : Number.isInteger(value) && value >= 0 && value <= claim.max;
      if (allowed) continue;
      const range = claim.signed ? `1 or -1` : `a whole number in [0, ${claim.max}]`;
      throw new OutOfRangeError(`decode: ${neuronName({ groups }, i)} is ${value}; it must be ${range}`, i, value);
    }
  }
}

/** All of the memory, with the image at its start. */
export function loaded(operation: string, image: ArrayLike<number>, words: number, bits: number): Float64Array {
  checkWords(operation, 'image', image);
  if (image.length > words) {
    throw new OutOfRangeError(`${operation}: the image has ${image.length} words; the memory has ${words}`, undefined, image.length);
  }
  const memory = new Float64Array(words);
  for (let i = 0; i < image.length; i++) memory[i] = unsigned(operation, image[i]!, bits, i);
  return memory;
}

export function checkPc(operation: string, pc: number, words: number): void {
  checkWhole(operation, 'pc', pc, 0, words - 1);
}
