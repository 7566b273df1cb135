import type { StateLayout } from '../../layout.ts';
import type { Range } from '../../network/build.ts';
import type { Group } from '../../network/stage.ts';
import type { Architecture } from '../../types.ts';

export type RegisterName =
  | 'memory'
  | 'pc'
  | 'input'
  | 'inputUsed'
  | 'outputValid'
  | 'output'
  | 'cells'
  | 'target'
  | 'running'
  | 'A'
  | 'B'
  | 'C'
  | 'reads'
  | 'writes'
  | 'a'
  | 'b'
  | 'propagate'
  | 'generate'
  | 'blockPropagate'
  | 'blockGenerate'
  | 'carry'
  | 'next'
  | 'zero'
  | 'jump';

export type Registers = { readonly [name in RegisterName]: Range };

/** Digits of a block of an addition. */
export function blockSize(bits: number): number {
  return Math.floor(Math.sqrt(bits));
}

/** Lengths of all registers: the state of the machine, then what layers leave to later ones of the same pass, 0 between passes. */
function lengths({ words, bits }: Architecture): { readonly [name in RegisterName]: number } {
  const blocks = Math.ceil(bits / blockSize(bits));
  return {
    memory: words * bits,
    pc: bits,
    input: bits,
    inputUsed: 1,
    outputValid: 1,
    output: bits,
    cells: words,
    target: words,
    running: 1,
    A: bits,
    B: bits,
    C: bits,
    reads: 1,
    writes: 1,
    a: bits,
    b: bits,
    propagate: bits,
    generate: bits,
    // No carry leaves the last block.
    blockPropagate: blocks - 1,
    blockGenerate: blocks - 1,
    carry: bits,
    next: bits,
    zero: 1,
    jump: 1,
  };
}

/** Registers that hold bits as +-1; all others hold 0 or 1. */
export const SIGNED: ReadonlySet<RegisterName> = new Set<RegisterName>(['memory', 'pc', 'input', 'output']);

/** Registers of which at most one entry is 1. */
export const ONE_HOT: ReadonlySet<RegisterName> = new Set<RegisterName>(['cells', 'target']);

export function registersOf(architecture: Architecture): Registers {
  let start = 0;
  return Object.fromEntries(
    Object.entries(lengths(architecture)).map(([name, count]) => {
      const range = { start, count };
      start += count;
      return [name, range];
    }),
  ) as Registers;
}

const NAMES: { readonly [name in RegisterName]?: string } = {
  inputUsed: 'input used',
  outputValid: 'output valid',
  blockPropagate: 'block propagate',
  blockGenerate: 'block generate',
};

/** The state as bits of +-1, least significant first. */
export function bitLayout({ bits }: Architecture, registers: Registers): StateLayout {
  const { memory, pc, input, inputUsed, outputValid, output, jump } = registers;
  const groups: Group[] = Object.entries(registers).map(([name, { start, count }]) => ({
    name: NAMES[name as RegisterName] ?? name,
    start,
    count,
    claim: { max: 1, signed: SIGNED.has(name as RegisterName), oneHot: ONE_HOT.has(name as RegisterName) },
  }));
  const digits = (word: number, put: (j: number, sign: number) => void) => {
    for (let j = 0; j < bits; j++) put(j, Math.floor(word / 2 ** j) % 2 === 1 ? 1 : -1);
  };
  const value = (x: ArrayLike<number>, start: number) => {
    let word = 0;
    for (let j = bits - 1; j >= 0; j--) word = 2 * word + (x[start + j] === 1 ? 1 : 0);
    return word;
  };
  return {
    size: jump.start + 1,
    groups,
    encode(words, at) {
      const x = new Float64Array(jump.start + 1);
      for (let i = 0; i < memory.count / bits; i++) {
        digits(words[i]!, (j, sign) => {
          x[memory.start + i * bits + j] = sign;
        });
      }
      digits(at, (j, sign) => {
        x[pc.start + j] = sign;
      });
      x.fill(-1, input.start, input.start + bits);
      x.fill(-1, output.start, output.start + bits);
      return x;
    },
    pc: (x) => value(x, pc.start),
    word: (x, address) => value(x, memory.start + address * bits),
    putInput: (put, word) => digits(word, (j, sign) => put(input.start + j, sign)),
    input: (x) => value(x, input.start),
    inputUsed: (x) => x[inputUsed.start] === 1,
    output: (x) => (x[outputValid.start] === 1 ? value(x, output.start) : undefined),
  };
}
