import { checkObject } from './arguments.ts';
import { architectureOf } from './check.ts';
import { flat, twoLevel } from './designs/decoder.ts';
import { demultiplexer } from './designs/demultiplexer.ts';
import type { Network } from './designs/design.ts';
import { paper23 } from './designs/paper23/paper23.ts';
import { sequential } from './designs/sequential.ts';
import { speculative } from './designs/speculative.ts';
import { NotExactError } from './errors.ts';
import type { StateLayout } from './layout.ts';
import type { Stage } from './network/stage.ts';
import type { Architecture, MachineSpec } from './types.ts';

/** A network whose one pass is one instruction of a SUBLEQ machine. */
export interface ReluComputer {
  readonly architecture: Architecture;
  /** Applied one after the other to a state vector they give the next. */
  readonly stages: readonly Stage[];
  readonly layout: StateLayout;
  /** No partial sum anywhere in the network exceeds this: see `Stage.bound`. */
  readonly bound: number;
  /** Of `paper23`: the part of the paper's construction that each ReLU stage belongs to. */
  readonly parts?: readonly string[];
}

/** Whole numbers of at most this magnitude, and sums of them, are exact. */
const LIMITS = { f32: 2 ** 24, f64: 2 ** 53 };

/**
 * Builds the weights. They depend on the machine alone, never on a program.
 *
 * @throws ArgumentError for a spec that no machine has; NotExactError when words are too long for the float, so that sums could round;
 *   OutOfMemoryError.
 * Cost: O(words) time and memory: about 50 weights a word for `basic`.
 * Source: own construction, after Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375; see the README.
 */
export function buildComputer(spec: MachineSpec): ReluComputer {
  const architecture = architectureOf(spec);
  const network = networkOf(architecture);
  const bound = Math.max(...network.stages.map((stage) => stage.bound));
  checkExact('buildComputer', bound, architecture.float);
  return { architecture, bound, ...network };
}

/** @throws NotExactError unless sums up to `bound` are exact in the float. */
export function checkExact(operation: string, bound: number, float: 'f32' | 'f64'): void {
  const limit = LIMITS[float];
  if (bound < limit) return;
  throw new NotExactError(
    `${operation}: sums reach ${bound}; ${float} adds whole numbers exactly below ${limit} (use fewer bits, or f64)`,
    bound,
    limit,
  );
}

function networkOf(architecture: Architecture): Network {
  switch (architecture.design) {
    case 'basic':
      return sequential(architecture, flat);
    case 'two-level':
      return sequential(architecture, twoLevel(architecture.radix));
    case 'demux':
      return sequential(architecture, demultiplexer(architecture.radix));
    case 'speculative':
      return speculative(architecture);
    case 'paper23':
      return paper23(architecture);
  }
}

/** Sizes of a network. */
export interface Stats {
  /** Stages with a ReLU: linear stages are factors of the next stage's matrix. */
  readonly factoredDepth: number;
  /** All stages; the last, linear one is folded into the first of the next pass. Values are nonnegative, so each may end in a ReLU; not so in `paper23`, whose linear stages hold bits of +-1. */
  readonly strictDepth: number;
  readonly neurons: number;
  readonly nonzeros: number;
  /** The most neurons of a stage. */
  readonly width: number;
}

export function stats(computer: Pick<ReluComputer, 'stages'>): Stats {
  checkObject('stats', 'computer', computer);
  const { stages } = computer;
  return {
    factoredDepth: stages.filter(({ kind }) => kind === 'relu').length,
    strictDepth: stages.length - 1,
    neurons: stages.reduce((total, { rows }) => total + rows, 0),
    nonzeros: stages.reduce((total, { values }) => total + values.length, 0),
    width: Math.max(...stages.map(({ rows }) => rows)),
  };
}
