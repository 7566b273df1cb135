import { at, type Range, type Row } from '../../network/build.ts';
import { addLayer, type Bank, copyOf } from './layer.ts';
import type { RegisterName } from './registers.ts';

/**
 * Three layers: a register of bits (0 or 1) takes its sum with an addend, a register or a number, modulo 2^bits.
 *
 *   1. digits that propagate a carry, p = x xor y, and that generate one, g = x and y;
 *   2. the carry into digit i: the sum over j < i of [g_j and p_(j+1) .. p_(i-1)], of which at most one is 1, as a digit that generates
 *      does not propagate;
 *   3. the digits of the sum, p xor carry.
 */
export function addition(bank: Bank, name: string, word: RegisterName, addend: RegisterName | number): void {
  const { registers } = bank;
  const { propagate, generate, carry } = registers;
  const bits = propagate.count;
  const other = (j: number, row: Row): number => {
    if (typeof addend === 'number') return Math.floor(addend / 2 ** j) % 2;
    row.add(at(registers[addend], j), 1);
    return 0;
  };
  addLayer(bank, `${name}: propagate and generate`, (s) => {
    const digits = (label: string, less: number) =>
      s.neurons(
        label,
        bits,
        (j, row) => {
          row.add(at(registers[word], j), 1);
          return other(j, row) - less;
        },
        { max: 2 - less },
      );
    const sum = digits('digits', 0);
    const both = digits('both', 1);
    return {
      propagate: xor(sum, both),
      generate: copyOf(both),
      [word]: 'clear',
      ...(typeof addend === 'number' ? {} : { [addend]: 'clear' }),
    };
  });
  addLayer(bank, `${name}: carries`, (s) => {
    const into = Array.from({ length: bits }, (_, i) =>
      s.neurons(
        `carry into ${i}`,
        i,
        (j, row) => {
          row.add(at(generate, j), 1);
          for (let k = j + 1; k < i; k++) row.add(at(propagate, k), 1);
          return j + 1 - i;
        },
        { max: 1, oneHot: true },
      ),
    );
    return {
      carry: (i, row) => {
        row.addAll(into[i]!, 1);
        return 0;
      },
      generate: 'clear',
    };
  });
  addLayer(bank, `${name}: digits`, (s) => {
    const digits = (label: string, less: number) =>
      s.neurons(
        label,
        bits,
        (j, row) => {
          row.add(at(propagate, j), 1);
          row.add(at(carry, j), 1);
          return -less;
        },
        { max: 2 - less },
      );
    const sum = digits('digits', 0);
    const both = digits('both', 1);
    return { [word]: xor(sum, both), propagate: 'clear', carry: 'clear' };
  });
}

/** x xor y from x + y and ReLU(x + y - 1). */
function xor(sum: Range, both: Range) {
  return (j: number, row: Row): number => {
    row.add(at(sum, j), 1);
    row.add(at(both, j), -2);
    return 0;
  };
}
