import { at, type NetworkBuilder, type Range, type Row, type StageBuilder } from '../../network/build.ts';
import { ONE_HOT, type RegisterName, type Registers, SIGNED } from './registers.ts';

/** What a layer writes into entry i of a register: weights of its ReLU neurons, and a bias. */
export type Write = (i: number, row: Row) => number;

/** Register by register what a layer changes; `clear` sets a register to 0. All others keep their values. */
export type Writes = { readonly [name in RegisterName]?: Write | 'clear' };

/** The registers that all layers share, and which of them hold something. */
export interface Bank {
  readonly net: NetworkBuilder;
  readonly registers: Registers;
  readonly live: Set<RegisterName>;
}

/** ReLU neurons, then a linear map back to the same registers. What holds nothing is not passed on, but left at 0 (at -1 where signed). */
export function addLayer({ net, registers, live }: Bank, name: string, fill: (s: StageBuilder) => Writes): void {
  const names = Object.keys(registers) as RegisterName[];
  const relu = net.stage('relu', name, (s) => {
    const writes = fill(s);
    // ReLU(x) is 1 or 0 for x = +-1, so that a bit passes in one neuron, and 2 ReLU(x) - 1 is x again.
    const kept = names
      .filter((register) => live.has(register) && writes[register] === undefined)
      .map(
        (register) =>
          [
            register,
            s.neurons(register, registers[register].count, copyOf(registers[register]), { oneHot: ONE_HOT.has(register) }),
          ] as const,
      );
    return { writes, kept: new Map(kept) };
  });
  net.stage('linear', `${name}, written`, (s) => {
    for (const register of names) {
      const { count } = registers[register];
      const signed = SIGNED.has(register);
      const write = relu.writes[register] ?? (live.has(register) ? undefined : 'clear');
      const claim = { max: 1, signed, oneHot: ONE_HOT.has(register) };
      if (write === 'clear') s.neurons(register, count, () => (signed ? -1 : 0), claim);
      else if (write !== undefined) s.neurons(register, count, write, claim);
      else s.neurons(register, count, signed ? bitsOf(relu.kept.get(register)!) : copyOf(relu.kept.get(register)!), claim);
    }
  });
  for (const [register, write] of Object.entries(relu.writes) as [RegisterName, Write | 'clear'][]) {
    if (write === 'clear') live.delete(register);
    else live.add(register);
  }
}

/** The values of a range. */
export function copyOf(range: Range): Write {
  return (i, row) => {
    row.add(at(range, i), 1);
    return 0;
  };
}

/** Bits of +-1 from bits of 0 and 1. */
export function bitsOf(range: Range): Write {
  return (i, row) => {
    row.add(at(range, i), 2);
    return -1;
  };
}

/** Entry j is the sum over all words of their bit j. */
export function sumOfWords(gates: Range, bits: number, also?: Range): Write {
  return (j, row) => {
    for (let i = j; i < gates.count; i += bits) row.add(at(gates, i), 1);
    if (also !== undefined) row.add(at(also, j), 1);
    return 0;
  };
}
