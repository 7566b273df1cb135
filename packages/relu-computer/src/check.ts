import { ArgumentError, OutOfMemoryError } from '@x/linalg/errors';
import { type Architecture, DESIGNS, type MachineSpec } from './types.ts';

/** Most bits for which sums of a few words stay far below 2^53. */
const MOST_BITS = 48;

/** @throws ArgumentError unless words can have so many bits. */
export function checkBits(operation: string, bits: number): void {
  checkWhole('bits', bits, 2, MOST_BITS, operation);
}

/** Cells beyond this would not fit into the arrays of an engine. */
export const MOST_WORDS: number = 2 ** 22;

/** Weights beyond this, of 12 bytes each, would not fit into memory. */
const MOST_WEIGHTS = 2 ** 28;

/** A radix up to this may exceed the words. */
const MOST_SPARE_RADIX = 16;

/** A spec with its defaults filled in. @throws ArgumentError unless it is one; OutOfMemoryError where its network would be too large. */
export function architectureOf(spec: MachineSpec): Architecture {
  if (typeof spec !== 'object' || spec === null) throw new ArgumentError(`buildComputer: spec is ${spec}; it must be an object`, 'spec');
  const { words, bits, haltAt = Math.min(words, 2 ** bits - 3), design = 'basic', float = 'f64', errorCorrection = false } = spec;
  const radix = spec.radix ?? (design === 'demux' ? 16 : Math.max(2, Math.ceil(Math.sqrt(words))));
  const architecture = { words, bits, haltAt, design, radix, float, errorCorrection };
  checkAll(architecture);
  const weights = weightsOf(architecture);
  if (weights > MOST_WEIGHTS) {
    throw new OutOfMemoryError(
      `buildComputer: the network would have about ${weights.toPrecision(2)} weights; at most ${MOST_WEIGHTS} are built (use fewer words)`,
      12 * weights,
    );
  }
  return architecture;
}

function checkAll({ words, bits, haltAt, design, radix, float }: Architecture): void {
  checkBits('buildComputer', bits);
  checkWhole('words', words, 1, Math.min(2 ** bits - 1, MOST_WORDS));
  checkWhole('haltAt', haltAt, 1, Math.min(words, 2 ** bits - 3));
  // More children than cells are of no use, and cost as much as cells.
  checkWhole('radix', radix, 2, Math.max(MOST_SPARE_RADIX, words));
  checkOneOf('design', design, DESIGNS);
  checkOneOf('float', float, ['f32', 'f64']);
}

/** About how many weights a network has, never much fewer than it has: as measured, and as the constructions are linear in the words. */
export function weightsOf({ words, bits, design, radix, errorCorrection }: Architecture): number {
  if (design === 'paper23') return words * bits * (errorCorrection ? 80 : 76);
  const plain = design === 'demux' ? 62 + 180 / radix : 65;
  return words * (plain + (errorCorrection ? 64 * Math.ceil(bits / 4) : 0));
}

function checkWhole(name: string, value: number, least: number, most: number, operation = 'buildComputer'): void {
  if (!(Number.isInteger(value) && value >= least && value <= most)) {
    throw new ArgumentError(`${operation}: ${name} is ${value}; it must be a whole number in [${least}, ${most}]`, name);
  }
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new ArgumentError(`buildComputer: ${name} is ${value}; it must be one of ${allowed.join(', ')}`, name);
}
