import type { Architecture } from './types.ts';

/** What one instruction did. */
export interface Effect {
  /** The cell that was written, or undefined. */
  readonly address: number | undefined;
  readonly value: number;
  readonly inputUsed: boolean;
  readonly output: number | undefined;
}

/** A machine in the obvious way: the oracle of the networks, and their fast-forward. */
export interface Interpreter {
  readonly memory: Float64Array;
  pc: number;
  /** One instruction; nothing where the machine has halted. */
  step(input: number): Effect;
}

/**
 * SUBLEQ: at pc stand A, B and C; m[B] <- m[B] - m[A] modulo W, then pc <- C if the new m[B] is at most 0 as a signed word, else pc + 3.
 * All three are read before the write. A = -1 puts the input word into m[B], else B = -1 writes m[A] out; both go on at pc + 3. Cells
 * beyond the memory are 0 and cannot be written. The machine halts where pc >= haltAt.
 *
 * Source: Mazonka and Kolodin 2011, arXiv 1106.2593, section 2; reading and writing as on Rosetta Code ("Subleq").
 */
export function interpreter({ words, bits, haltAt }: Architecture, memory: ArrayLike<number>, pc = 0): Interpreter {
  const W = 2 ** bits;
  const half = W / 2;
  const cells = Float64Array.from({ length: words }, (_, i) => memory[i]!);
  const read = (address: number) => (address < words ? cells[address]! : 0);
  const machine = {
    memory: cells,
    pc,
    step(input: number): Effect {
      if (machine.pc >= haltAt) return { address: undefined, value: 0, inputUsed: false, output: undefined };
      const A = read(machine.pc);
      const B = read(machine.pc + 1);
      const C = read(machine.pc + 2);
      const inputUsed = A === W - 1;
      const output = !inputUsed && B === W - 1 ? read(A) : undefined;
      let value = inputUsed ? input : read(B) - read(A);
      if (value < 0) value += W;
      const address = output === undefined && B < words ? B : undefined;
      if (address !== undefined) cells[address] = value;
      const jumps = !inputUsed && output === undefined && (value === 0 || value >= half);
      machine.pc = jumps ? C : machine.pc + 3;
      return { address, value, inputUsed, output };
    },
  };
  return machine;
}
