import { ArgumentError } from '@x/linalg/errors';
import { type Architecture, DESIGNS, type MachineSpec } from './types.ts';

/** Most bits for which sums of a few words stay far below 2^53. */
const MOST_BITS = 48;

/** Cells beyond this would not fit into the arrays of an engine. */
export const MOST_WORDS: number = 2 ** 22;

/** A spec with its defaults filled in. @throws ArgumentError unless it is one. */
export function architectureOf(spec: MachineSpec): Architecture {
  if (typeof spec !== 'object' || spec === null) throw new ArgumentError(`buildComputer: spec is ${spec}; it must be an object`, 'spec');
  const { words, bits, haltAt = Math.min(words, 2 ** bits - 3), design = 'basic', float = 'f64', errorCorrection = false } = spec;
  const radix = spec.radix ?? (design === 'demux' ? 16 : Math.max(2, Math.ceil(Math.sqrt(words))));
  const architecture = { words, bits, haltAt, design, radix, float, errorCorrection };
  checkAll(architecture);
  return architecture;
}

function checkAll({ words, bits, haltAt, design, radix, float }: Architecture): void {
  checkWhole('bits', bits, 2, MOST_BITS);
  checkWhole('words', words, 1, Math.min(2 ** bits - 1, MOST_WORDS));
  checkWhole('haltAt', haltAt, 1, Math.min(words, 2 ** bits - 3));
  checkWhole('radix', radix, 2, MOST_WORDS);
  checkOneOf('design', design, DESIGNS);
  checkOneOf('float', float, ['f32', 'f64']);
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new ArgumentError(`buildComputer: ${name} is ${value}; it must be a whole number in [${least}, ${most}]`, name);
  }
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new ArgumentError(`buildComputer: ${name} is ${value}; it must be one of ${allowed.join(', ')}`, name);
}
