import type { Group } from './network/stage.ts';
import type { Architecture } from './types.ts';

/** Writes one entry of a state vector. */
export type Put = (index: number, value: number) => void;

/** Where in a network's state vector the machine's state stands. */
export interface StateLayout {
  /** Length of the state vector. */
  readonly size: number;
  /** Its entries by name, and what holds of them. */
  readonly groups: readonly Group[];
  /** Writes a state: memory (unsigned words), program counter, nothing read and nothing written. */
  encode(memory: ArrayLike<number>, pc: number): Float64Array;
  pc(x: ArrayLike<number>): number;
  word(x: ArrayLike<number>, address: number): number;
  /** Sets the word that the next reading instruction gets. */
  putInput(put: Put, word: number): void;
  input(x: ArrayLike<number>): number;
  /** Whether the last step read the input word. */
  inputUsed(x: ArrayLike<number>): boolean;
  /** The word that the last step wrote, if it did. */
  output(x: ArrayLike<number>): number | undefined;
}

/**
 * One entry a quantity: memory, pc, the input word, whether it was read, whether a word was written, and that word. The speculative
 * design adds the instruction at pc.
 */
export function wordLayout({ words, haltAt, bits }: Architecture, prefetch: boolean): StateLayout {
  const pcAt = words;
  const W = 2 ** bits;
  const word = W - 1;
  // Beyond the end pc is at most -1 + 3; halted, A and B are W, and C is pc.
  const scalars = {
    pc: word + 3,
    input: word,
    'input used': 1,
    'output valid': 1,
    output: word,
    ...(prefetch ? { A: W, B: W, C: word + 3 } : {}),
  };
  const size = words + Object.keys(scalars).length;
  const claim = (max: number) => ({ max, signed: false, oneHot: false });
  const groups = [
    { name: 'memory', start: 0, count: words, claim: claim(word) },
    ...Object.entries(scalars).map(([name, max], i) => ({ name, start: words + i, count: 1, claim: claim(max) })),
  ];
  return {
    size,
    groups,
    encode(memory, pc) {
      const x = new Float64Array(size);
      for (let i = 0; i < words; i++) x[i] = memory[i]!;
      x[pcAt] = pc;
      if (prefetch) x.set(fetched(memory, pc, words, haltAt, W), words + 5);
      return x;
    },
    pc: (x) => x[pcAt]!,
    word: (x, address) => x[address]!,
    putInput: (put, word) => put(words + 1, word),
    input: (x) => x[words + 1]!,
    inputUsed: (x) => x[words + 2] === 1,
    output: (x) => (x[words + 3] === 1 ? x[words + 4] : undefined),
  };
}

/** The instruction at pc; where the machine has halted, one that does nothing and jumps to itself. */
function fetched(memory: ArrayLike<number>, pc: number, words: number, haltAt: number, W: number): number[] {
  return pc < haltAt ? [0, 1, 2].map((k) => (pc + k < words ? memory[pc + k]! : 0)) : [W, W, pc];
}
