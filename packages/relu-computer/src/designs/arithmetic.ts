import { at, type Range, type Row, type StageBuilder } from '../network/build.ts';
import type { Architecture } from '../types.ts';
import type { Select } from './decoder.ts';

/** Numbers that the stages of a machine share. */
export interface Constants {
  /** Words lie in [0, W). */
  readonly W: number;
  /** Words from here on are negative. */
  readonly half: number;
  /** The address -1, of the input and the output. */
  readonly io: number;
  /** Closes the gate of a word: the largest. */
  readonly top: number;
  /** Closes the gate of an address of the program counter, which may lie three beyond the last word. */
  readonly far: number;
}

/** The claim of what is 0 or 1. */
const FLAG = { max: 1 };

export function constantsOf({ bits }: Architecture): Constants {
  const W = 2 ** bits;
  return { W, half: W / 2, io: W - 1, top: W - 1, far: W + 2 };
}

/** Gates that let memory[i + shift] through where the port selects i < `limit`. */
export function memoryGates(
  s: StageBuilder,
  { name, memory, limit, shift = 0, M }: { name: string; memory: Range; limit: number; shift?: number; M: number },
  select: Select,
  port: string,
): Range {
  const count = Math.max(0, Math.min(limit, memory.count - shift));
  const fill = (i: number, row: Row) => {
    row.add(at(memory, i + shift), 1);
    return -M * select(port, i, row, M);
  };
  return s.neurons(name, count, fill, { oneHot: true });
}

/** [port selects i], one neuron each. */
export function selected(s: StageBuilder, name: string, count: number, select: Select, port: string): Range {
  return s.neurons(name, count, (i, row) => 1 - select(port, i, row, 1), { oneHot: true });
}

/** A sum of a range and of single neurons. */
export function sum(s: StageBuilder, name: string, range: Range, ...terms: readonly (readonly [wire: number, weight: number])[]): number {
  return s.neurons(name, 1, (_, row) => {
    row.addAll(range, 1);
    for (const [wire, weight] of terms) row.add(wire, weight);
    return 0;
  }).start;
}

/** A value, plus `bias`, where conditions hold, else 0: sign 1 wants a condition to be 1, sign -1 wants it to be 0. */
export function gate(
  s: StageBuilder,
  name: string,
  value: number,
  conditions: readonly (readonly [wire: number, sign: 1 | -1])[],
  M: number,
  bias = 0,
): number {
  const wanted = conditions.filter(([, sign]) => sign === 1).length;
  return s.neuron(name, [[value, 1], ...conditions.map(([wire, sign]) => [wire, sign * M] as const)], bias - M * wanted);
}

/** Memory with the selected cell cleared. */
export function kept(s: StageBuilder, memory: Range, cells: Range, M: number): Range {
  return s.neurons('kept', memory.count, (i, row) => {
    row.add(at(memory, i), 1);
    row.add(at(cells, i), -M);
    return 0;
  });
}

/** Values that stand for the cells they are meant for: value i for the cells from i * cells on. */
export interface Spread {
  readonly values: Range;
  readonly cells: number;
}

/** Each value in the selected cell, or node, of those that it stands for; 0 in all others. */
export function written(s: StageBuilder, { values, cells }: Spread, selected: Range, cellsEach: number, M: number): Range {
  const each = cells / cellsEach;
  const fill = (i: number, row: Row) => {
    row.add(at(values, Math.floor(i / each)), 1);
    row.add(at(selected, i), M);
    return -M;
  };
  return s.neurons('written', selected.count, fill, { oneHot: true });
}

/** Neurons that decide about d = b - a, which lies in (-W, W). */
export interface Difference {
  /** d + W, which is positive; 0 where the instruction reads. */
  readonly shifted: number;
  /** ReLU(d + 1) and ReLU(d). */
  readonly wraps: Range;
  /** Six thresholds of the jump. */
  readonly jumps: Range;
}

/**
 * @param reads - 1 where the instruction reads: nothing is left of the difference then, d - 2 W lies below all thresholds.
 * @param io - 1 where it reads or writes; those never jump.
 */
export function difference(
  s: StageBuilder,
  { a, b, reads, io }: { readonly a: number; readonly b: number; readonly reads: number; readonly io: number },
  { W, half }: Constants,
): Difference {
  const less = (unless: number, row: Row) => {
    row.add(b, 1);
    row.add(a, -1);
    row.add(unless, -2 * W);
  };
  return {
    shifted: s.neurons('b - a + W', 1, (_, row) => {
      less(reads, row);
      return W;
    }).start,
    wraps: s.neurons('wrap thresholds', 2, (i, row) => {
      less(reads, row);
      return 1 - i;
    }),
    jumps: s.neurons('jump thresholds', 6, (i, row) => {
      less(io, row);
      return [half + 1, half, 0, -1, 1 - half, -half][i]!;
    }),
  };
}

/** Their steps, in a stage of its own: W times a difference of two large numbers in one row would leave the whole numbers of f32. */
export function steps(s: StageBuilder, { shifted, wraps, jumps }: Difference): { shifted: number; positive: number; jump: number } {
  return {
    shifted: s.neuron('b - a + W', [[shifted, 1]]),
    // [d >= 0].
    positive: s.neuron(
      'b >= a',
      [
        [at(wraps, 0), 1],
        [at(wraps, 1), -1],
      ],
      0,
      FLAG,
    ),
    // The signed word d modulo W is at most 0: [d >= -half] - [d >= 1] + [d >= half].
    jump: s.neuron(
      'jump',
      [1, -1, -1, 1, 1, -1].map((sign, i) => [at(jumps, i), sign] as const),
      0,
      FLAG,
    ),
  };
}

/** d modulo W, plus the input word where one was read. */
export function result(
  s: StageBuilder,
  { shifted, positive }: { shifted: number; positive: number },
  read: number,
  { W }: Constants,
): number {
  return s.neuron(
    'result',
    [
      [shifted, 1],
      [read, 1],
      [positive, -W],
    ],
    0,
    { max: W - 1 },
  );
}
