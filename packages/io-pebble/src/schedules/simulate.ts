import { AbortedError, ArgumentError } from '@x/linalg/errors';
import { checkTiles, scheduleFor } from '../advisor/cost.ts';
import { type Memory, type Problem, settingOf } from '../advisor/problem.ts';
import { checkWhole } from '../check.ts';
import type { ScheduleName } from './all.ts';
import { countingMachine, type LineTraffic } from './counting.ts';
import type { Machine } from './machine.ts';
import { type Played, playingMachine } from './playing.ts';
import type { Pass, Tiles } from './schedule.ts';

/** Matrices in slow memory at the start, and those that a schedule of a pass must leave there. */
export const TENSORS: Readonly<Record<Pass, { readonly inputs: readonly string[]; readonly outputs: readonly string[] }>> = {
  forward: { inputs: ['Q', 'K', 'V'], outputs: ['O'] },
  backward: { inputs: ['Q', 'K', 'V', 'O', 'dO', 'L'], outputs: ['dQ', 'dK', 'dV'] },
  paperGradient: { inputs: ['A1', 'A2', 'A3', 'X', 'Y', 'E'], outputs: ['G'] },
};

export interface SimulateOptions {
  /** Bytes of a line, a multiple of `elementBytes`: counts lines, too. Matrices are row-major and begin on a line. Default: none are counted. */
  readonly lineBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs a schedule tile by tile on a machine that counts what it moves and refuses to hold more than fits; one head.
 *
 * Lines are those that each tile touches when it is moved, so at least words / words of a line, and at most words.
 *
 * @throws ArgumentError; CapacityError; AbortedError.
 * Cost: O(1) for each tile that is moved, O(its rows) with lines; under a mask also its entries.
 */
export function simulate(
  problem: Problem,
  memory: Memory,
  schedule: ScheduleName,
  tiles: Tiles,
  options: SimulateOptions = {},
): LineTraffic {
  const { lineBytes = 0, signal } = options;
  const setting = settingOf('simulate', problem, memory);
  if (lineBytes !== 0) checkWhole('simulate', 'lineBytes', lineBytes / setting.elementBytes, 1, 2 ** 20);
  const chosen = scheduleFor('simulate', schedule, setting);
  checkTiles('simulate', chosen, tiles);
  const machine = countingMachine(setting.M, lineBytes / setting.elementBytes);
  chosen.run(stoppable(machine, signal), setting.shape, tiles);
  return machine.traffic;
}

/** More entries than this would take gigabytes as a DAG. */
const MOST_PRODUCTS = 2e7;

/**
 * Runs a schedule entry by entry on data: the results, the DAG of everything that it computes, and its moves in the pebble game, which
 * `verify` accepts with the option `slide`; one head.
 *
 * @param inputs - row-major matrices: Q, K, V; for the backward pass also O, dO and the logarithms L of the rows' sums of exponentials; for
 *   the paper's gradient A1, A2, A3, X, Y, E. Scores are q . k: scale Q beforehand.
 * @throws ArgumentError for a missing or wrong input, or sums wider than data; CapacityError; AbortedError.
 * Cost: O(nq nk (d + dv)) vertices.
 */
export function play(
  problem: Problem,
  memory: Memory,
  schedule: ScheduleName,
  tiles: Tiles,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  options: { readonly signal?: AbortSignal } = {},
): Played {
  const setting = settingOf('play', problem, memory);
  const { shape, pass, M } = setting;
  const chosen = scheduleFor('play', schedule, setting);
  checkTiles('play', chosen, tiles);
  const names = TENSORS[pass];
  for (const name of names.inputs) {
    const values = inputs[name];
    if (values === undefined) throw new ArgumentError(`play: input ${name} is missing; ${pass} needs ${names.inputs.join(', ')}`, name);
    for (let k = 0; k < values.length; k++) {
      if (!Number.isFinite(values[k]) && name !== 'L')
        throw new ArgumentError(`play: ${name}[${k}] is ${values[k]}; it must be finite`, name);
    }
  }
  if (shape.nq * shape.nk * (shape.d + shape.dv) > MOST_PRODUCTS) {
    throw new ArgumentError(`play: nq nk (d + dv) is above ${MOST_PRODUCTS}; use simulate, which counts tiles`, 'nq');
  }
  const machine = playingMachine(M, new Map(Object.entries(inputs)), names.outputs);
  chosen.run(stoppable(machine, options.signal), shape, tiles);
  return machine.finish();
}

/** The same machine, which looks at a signal whenever it loads. */
function stoppable(machine: Machine, signal: AbortSignal | undefined): Machine {
  if (signal === undefined) return machine;
  return {
    ...machine,
    load(...args) {
      if (signal.aborted) throw new AbortedError('schedule: aborted');
      return machine.load(...args);
    },
  };
}
