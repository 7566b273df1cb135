import { OutOfMemoryError } from '@x/linalg/errors';
import { checkChoice, checkFlag, checkObject, checkWhole } from './arguments.ts';
import { type Architecture, DESIGNS, type MachineSpec } from './types.ts';

const OPERATION = 'buildComputer';

/** Most bits for which sums of a few words stay far below 2^53. */
const MOST_BITS = 48;

/** @throws ArgumentError unless words can have so many bits. */
export function checkBits(operation: string, bits: number): void {
  checkWhole(operation, 'bits', bits, 2, MOST_BITS);
}

/** Cells beyond this would not fit into the arrays of an engine. */
export const MOST_WORDS: number = 2 ** 22;

/** Weights beyond this, of 12 bytes each, would not fit into memory. */
const MOST_WEIGHTS = 2 ** 28;

/** A radix up to this may exceed the words. */
const MOST_SPARE_RADIX = 16;

/** A spec with its defaults filled in. @throws ArgumentError unless it is one; OutOfMemoryError where its network would be too large. */
export function architectureOf(spec: MachineSpec): Architecture {
  checkObject(OPERATION, 'spec', spec);
  // Before defaults are computed from them.
  checkBits(OPERATION, spec.bits);
  checkWhole(OPERATION, 'words', spec.words, 1, Math.min(2 ** spec.bits - 1, MOST_WORDS));
  const { words, bits, haltAt = Math.min(words, 2 ** bits - 3), design = 'basic', float = 'f64', errorCorrection = false } = spec;
  const { radix = design === 'demux' ? 16 : Math.max(2, Math.ceil(Math.sqrt(words))) } = spec;
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

function checkAll({ words, bits, haltAt, design, radix, float, errorCorrection }: Architecture): void {
  checkWhole(OPERATION, 'haltAt', haltAt, 1, Math.min(words, 2 ** bits - 3));
  // More children than cells are of no use, and cost as much as cells.
  checkWhole(OPERATION, 'radix', radix, 2, Math.max(MOST_SPARE_RADIX, words));
  checkChoice(OPERATION, 'design', design, DESIGNS);
  checkChoice(OPERATION, 'float', float, ['f32', 'f64']);
  checkFlag(OPERATION, 'errorCorrection', errorCorrection);
}

/** About how many weights a network has, never much fewer than it has: as measured, and as the constructions are linear in the words. */
export function weightsOf({ words, bits, design, radix, errorCorrection }: Architecture): number {
  if (design === 'paper23') return words * bits * (errorCorrection ? 80 : 76);
  const plain = design === 'demux' ? 62 + 180 / radix : 65;
  return words * (plain + (errorCorrection ? 64 * Math.ceil(bits / 4) : 0));
}
