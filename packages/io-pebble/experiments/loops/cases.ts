import { readFileSync } from 'node:fs';

/** One run of attention.c in a cache of lines of 64 bytes. */
export interface Case {
  readonly loop: 'flash2' | 'small' | 'naive';
  readonly n: number;
  readonly d: number;
  /** Rows and keys of a block, or twice the side of a square tile. */
  readonly a: number;
  readonly b: number;
  readonly bytes: number;
  /** Lines of a set; 0 is a single set. */
  readonly ways: number;
  /** Whether a count in words foretells it. */
  readonly agrees: boolean;
  /** Why not. */
  readonly about?: string;
}

export const LINE = 64;

/** The cases of the comparison: those that a count in words foretells, and those that it cannot. */
export const CASES: readonly Case[] = [
  { loop: 'flash2', n: 256, d: 32, a: 16, b: 4, bytes: 8192, ways: 0, agrees: true },
  { loop: 'flash2', n: 256, d: 32, a: 32, b: 4, bytes: 16384, ways: 0, agrees: true },
  { loop: 'flash2', n: 512, d: 64, a: 16, b: 4, bytes: 16384, ways: 0, agrees: true },
  { loop: 'flash2', n: 256, d: 64, a: 8, b: 2, bytes: 8192, ways: 0, agrees: true },
  { loop: 'flash2', n: 250, d: 32, a: 32, b: 6, bytes: 16384, ways: 0, agrees: true },
  { loop: 'small', n: 256, d: 64, a: 16, b: 16, bytes: 8192, ways: 0, agrees: true },
  { loop: 'naive', n: 256, d: 32, a: 1, b: 1, bytes: 8192, ways: 0, agrees: true },
  { loop: 'flash2', n: 256, d: 32, a: 16, b: 8, bytes: 16384, ways: 0, agrees: true },
  { loop: 'flash2', n: 256, d: 32, a: 16, b: 8, bytes: 8192, ways: 0, agrees: false, about: 'no room for dead keys: LRU keeps them' },
  { loop: 'flash2', n: 256, d: 32, a: 32, b: 4, bytes: 16384, ways: 8, agrees: false, about: 'sets: lines compete for some' },
  {
    loop: 'small',
    n: 256,
    d: 64,
    a: 16,
    b: 16,
    bytes: 4096,
    ways: 0,
    agrees: false,
    about: 'three tiles fit, the next ones beside them do not',
  },
  { loop: 'small', n: 256, d: 64, a: 24, b: 24, bytes: 8192, ways: 0, agrees: false, about: 'rows of tiles are one line and a half' },
];

/** What cachegrind counted of a case: first-level data misses, less those of the program without the loop. */
export interface Golden {
  readonly key: string;
  readonly misses: number;
}

export const keyOf = ({ loop, n, d, a, b, bytes, ways }: Case): string => `${loop} ${n} ${d} ${a} ${b} in ${bytes}, ${ways || 'all'} ways`;

/** @returns the recorded misses of each case, in order. @throws Error where one was not recorded: run `pnpm cachegrind`. */
export function goldens(): readonly number[] {
  const recorded = JSON.parse(readFileSync(new URL('goldens.json', import.meta.url), 'utf8')) as { readonly cases: readonly Golden[] };
  return CASES.map((one) => {
    const found = recorded.cases.find(({ key }) => key === keyOf(one));
    if (found === undefined) throw new Error(`goldens.json has no case ${keyOf(one)}: run pnpm cachegrind`);
    return found.misses;
  });
}
