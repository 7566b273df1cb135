import type { Machine, Shape } from './machine.ts';
import type { Grain } from './search.ts';

/** What is computed: attention; its gradient from Q, K, V, O, dO and L; or the paper's gradient of a regression loss. */
export type Pass = 'forward' | 'backward' | 'paperGradient';

/** Sizes of tiles by name; which names there are is the schedule's. */
export type Tiles = Readonly<Record<string, number>>;

/** Words read from and written to slow memory. */
export interface Words {
  readonly loads: number;
  readonly stores: number;
}

/** Part of a schedule with tiles of its own; phases follow each other and share no room. */
export interface Phase {
  /** Names of its tile sizes, and what each cuts. */
  readonly tiles: Readonly<Record<string, string>>;
  /** The most words that are in fast memory at once, with full tiles. */
  live(shape: Shape, tiles: Tiles): number;
  /** Words moved, in closed form: over the numbers of blocks that the mask touches. */
  words(shape: Shape, tiles: Tiles): Words;
  /** Tile sizes for a fast memory of M words: all that can be best where there is no mask. */
  candidates(shape: Shape, M: number, grain: Grain): Iterable<Tiles>;
}

/** An order of computing attention with a small fast memory, and what it moves. */
export interface Schedule {
  readonly name: string;
  readonly pass: Pass;
  /** What it does, in a sentence. */
  readonly idea: string;
  readonly phases: readonly Phase[];
  /** The schedule itself, as a program for any machine. */
  run(machine: Machine, shape: Shape, tiles: Tiles): void;
}

export function liveWords({ phases }: Schedule, shape: Shape, tiles: Tiles): number {
  return phases.reduce((most, phase) => Math.max(most, phase.live(shape, tiles)), 0);
}

export function movedWords({ phases }: Schedule, shape: Shape, tiles: Tiles): Words {
  return addWords(phases.map((phase) => phase.words(shape, tiles)));
}

function addWords(parts: readonly Words[]): Words {
  return { loads: parts.reduce((sum, { loads }) => sum + loads, 0), stores: parts.reduce((sum, { stores }) => sum + stores, 0) };
}

/** A phase without tiles. @param live - does not depend on sizes of tiles. */
export function fixedPhase(live: (shape: Shape) => number, words: (shape: Shape) => Words): Phase {
  return {
    tiles: {},
    live,
    words,
    *candidates(shape, M) {
      if (live(shape) <= M) yield {};
    },
  };
}
