import { at, type Range, type Row, type StageBuilder } from '../../network/build.ts';
import { addLayer, type Bank, copyOf, type Write } from './layer.ts';
import { blockSize, type RegisterName } from './registers.ts';

/** Two layers: a register of bits (0 or 1) takes its value plus 1, modulo 2^bits. */
export function increment(bank: Bank, name: string, word: RegisterName): void {
  const { registers } = bank;
  addLayer(bank, `${name}: carries`, (s) => {
    const carry = s.neurons(
      'all ones below',
      registers.carry.count,
      (i, row) => {
        for (let j = 0; j < i; j++) row.add(at(registers[word], j), 1);
        return 1 - i;
      },
      { max: 1 },
    );
    return { carry: copyOf(carry) };
  });
  addLayer(bank, `${name}: digits`, (s) => ({ [word]: exclusiveOr(s, registers[word], registers.carry).value, carry: 'clear' }));
}

/**
 * Four layers: a register of bits takes its sum with another, modulo 2^bits.
 *
 *   1. digits that propagate a carry, p = x xor y, and that generate one, g = x and y;
 *   2. the same of blocks of digits: a block propagates if all its digits do, and generates if one of them does and all above it propagate;
 *   3. the carry into a digit: the sum of [g_j and all between j and the digit propagate] over the digits j below in its block, and
 *      likewise over the blocks below. At most one of these is 1, as what generates does not propagate;
 *   4. the digits of the sum, p xor carry.
 *
 * Weights: O(bits^1.5), in blocks of about the square root of the bits.
 */
export function addition(bank: Bank, name: string, word: RegisterName, addend: RegisterName): void {
  const { registers } = bank;
  const { propagate, generate, blockPropagate, blockGenerate, carry } = registers;
  const bits = propagate.count;
  const size = blockSize(bits);
  /** Adds all of a range from `from` up to, and without, `to`. @returns how many. */
  const all = (range: Range, from: number, to: number, row: Row): number => {
    row.addAll({ start: at(range, from), count: to - from }, 1);
    return to - from;
  };
  addLayer(bank, `${name}: propagate and generate`, (s) => {
    const { value, both } = exclusiveOr(s, registers[word], registers[addend]);
    return { propagate: value, generate: copyOf(both), [word]: 'clear', [addend]: 'clear' };
  });
  addLayer(bank, `${name}: blocks`, (s) => {
    const generates = s.neurons(
      'generates out of its block',
      blockGenerate.count * size,
      (j, row) => {
        row.add(at(generate, j), 1);
        return -all(propagate, j + 1, j - (j % size) + size, row);
      },
      { max: 1 },
    );
    const propagates = s.neurons('block propagates', blockPropagate.count, (q, row) => 1 - all(propagate, q * size, (q + 1) * size, row), {
      max: 1,
    });
    return {
      blockGenerate: (q, row) => {
        all(generates, q * size, (q + 1) * size, row);
        return 0;
      },
      blockPropagate: copyOf(propagates),
    };
  });
  addLayer(bank, `${name}: carries`, (s) => {
    const into = Array.from({ length: bits }, (_, i) => {
      const block = Math.floor(i / size);
      const first = block * size;
      return s.neurons(
        `carry into ${i}`,
        block + i - first,
        (k, row) => {
          if (k < block) {
            row.add(at(blockGenerate, k), 1);
            return -all(blockPropagate, k + 1, block, row) - all(propagate, first, i, row);
          }
          const j = first + k - block;
          row.add(at(generate, j), 1);
          return -all(propagate, j + 1, i, row);
        },
        { max: 1, oneHot: true },
      );
    });
    return {
      carry: (i, row) => {
        row.addAll(into[i]!, 1);
        return 0;
      },
      generate: 'clear',
      blockGenerate: 'clear',
      blockPropagate: 'clear',
    };
  });
  addLayer(bank, `${name}: digits`, (s) => ({
    [word]: exclusiveOr(s, propagate, carry).value,
    propagate: 'clear',
    carry: 'clear',
  }));
}

/** Neurons for x + y and for x and y = ReLU(x + y - 1); of them x xor y. */
function exclusiveOr(s: StageBuilder, x: Range, y: Range): { readonly value: Write; readonly both: Range } {
  const neurons = (name: string, less: number) =>
    s.neurons(
      name,
      x.count,
      (j, row) => {
        row.add(at(x, j), 1);
        row.add(at(y, j), 1);
        return -less;
      },
      { max: 2 - less },
    );
  const sum = neurons('digits', 0);
  const both = neurons('both', 1);
  const value: Write = (j, row) => {
    row.add(at(sum, j), 1);
    row.add(at(both, j), -2);
    return 0;
  };
  return { value, both };
}
