import { checkElements, checkRange, checkSeed, kindOf } from '../check.ts';
import { ArgumentError } from '../errors.ts';
import { fillFromKernel } from './fill.ts';
import { normalPair } from './normal.ts';
import { philoxBlock, uniformOfWords } from './philox.ts';

/**
 * A stream of random numbers: Philox4x32-10 by counter, so that equal (seed, stream) give equal bits on every platform, engine
 * and number of workers, and any position can be reached directly.
 *
 * Words of 32 bits are numbered from 0; blocks hold four. A `nextUint32` takes one word; a `uniform` takes two, starting at an
 * even word; a pair of normals takes one whole block. The second normal of a pair is kept for the next `normal`, and dropped
 * when something else is drawn in between.
 */
export interface Rng {
  /** The next 32 random bits, as a whole number in [0, 2^32). */
  nextUint32(): number;
  /** A multiple of 2^-53, uniform in [0, 1): 0 is possible, 1 is not. Use `1 - uniform()` for (0, 1]. */
  uniform(): number;
  /**
   * A whole number uniform in [0, n), without modulo bias (by rejection).
   *
   * @param n - a whole number in [1, 2^53].
   */
  integer(n: number): number;
  /** A standard normal number (Box and Muller). */
  normal(): number;
  /** Fills with uniforms, the same as repeated `uniform()`; a Float32Array gets them truncated to multiples of 2^-24, so never 1. */
  fillUniform<T extends Float64Array | Float32Array>(out: T): T;
  /** Fills with standard normals, the same as repeated `normal()`; a Float32Array gets them rounded. */
  fillNormal<T extends Float64Array | Float32Array>(out: T): T;
  /**
   * An independent generator for part `index` of a computation, itself splittable. It does not depend on this one's position.
   *
   * @param index - a whole number in [0, 2^53).
   */
  split(index: number): Rng;
  /** Position and key as plain JSON, for `restore`. */
  state(): RngState;
}

/** A saved generator. Keys and streams are pairs of 32-bit words, low word first. */
export interface RngState {
  readonly algorithm: 'philox4x32-10';
  readonly key: readonly [number, number];
  readonly stream: readonly [number, number];
  /** Index of the next word. */
  readonly position: number;
  /** Whether the second normal of the block before `position` is still to be given out. */
  readonly halfPair: boolean;
}

/**
 * A generator. Different streams of one seed never overlap: the seed is the key, the stream the upper half of the counter. Functions of
 * this library that take a seed draw from children of its last streams, so that data from the other streams is independent of them.
 *
 * @param seed - a whole number in [0, 2^53).
 * @param stream - a whole number in [0, 2^53); default 0.
 * @throws ArgumentError otherwise.
 * Source: Salmon, Moraes, Dror, Shaw, SC11.
 */
export function philox(seed: number, stream: number = 0): Rng {
  return generator({
    algorithm: 'philox4x32-10',
    key: splitWords('philox', 'seed', seed),
    stream: splitWords('philox', 'stream', stream),
    position: 0,
    halfPair: false,
  });
}

/** The generator whose `state()` was saved. @throws ArgumentError when the state is not one. */
export function restore(state: RngState): Rng {
  const { algorithm, key, stream, position, halfPair } = (state ?? {}) as Partial<RngState>;
  const words = [key, stream].flat();
  const whole =
    key?.length === 2 && words.length === 4 && words.every((w) => w !== undefined && Number.isInteger(w) && w >= 0 && w < 2 ** 32);
  if (
    algorithm !== 'philox4x32-10' ||
    !whole ||
    position === undefined ||
    !Number.isSafeInteger(position) ||
    position < 0 ||
    typeof halfPair !== 'boolean' ||
    (halfPair && (position < 4 || position % 4 !== 0))
  ) {
    throw new ArgumentError(`restore: state is ${kindOf(state)}, not a state of philox4x32-10; give what state() returned`, 'state');
  }
  return generator(state);
}

/** Marks the counters from which keys of children are made; positions stay below 2^53, so draws never meet these. */
const SPLIT_TAG = 0x80000000;
/** Below this many blocks a kernel call costs more than it saves. */
const KERNEL_BLOCKS = 16;

function generator(start: RngState): Rng {
  const [k0, k1] = start.key;
  const [s0, s1] = start.stream;
  const words = new Uint32Array(4);
  /** The block that `words` holds. */
  let held = -1;
  const pair = new Float64Array(2);
  let position = start.position;
  let halfPair = start.halfPair;
  if (halfPair) holdPair(position / 4 - 1);

  function hold(block: number): void {
    if (block !== held) {
      philoxBlock(block >>> 0, Math.floor(block / 2 ** 32), s0, s1, k0, k1, words);
      held = block;
    }
  }

  function holdPair(block: number): void {
    hold(block);
    normalPair(uniformOfWords(words[0]!, words[1]!), uniformOfWords(words[2]!, words[3]!), pair);
  }

  function nextUint32(): number {
    halfPair = false;
    hold(Math.floor(position / 4));
    return words[position++ % 4]!;
  }

  function uniform(): number {
    halfPair = false;
    position += position % 2;
    hold(Math.floor(position / 4));
    const first = position % 4;
    position += 2;
    return uniformOfWords(words[first]!, words[first + 1]!);
  }

  function normal(): number {
    halfPair = !halfPair;
    if (!halfPair) return pair[1]!;
    const block = Math.ceil(position / 4);
    holdPair(block);
    position = 4 * block + 4;
    return pair[0]!;
  }

  function integer(n: number): number {
    checkRange('integer', 'n', n, 1, 2 ** 53);
    if (!Number.isInteger(n)) throw new ArgumentError(`integer: n is ${n}; it must be a whole number`, 'n');
    // Draws below the largest multiple of n are uniform over whole residue classes; the rest, fewer than half, are drawn again.
    const range = n <= 2 ** 32 ? 2 ** 32 : 2 ** 53;
    const limit = range - (range % n);
    for (;;) {
      const draw = range === 2 ** 32 ? nextUint32() : uniform() * range;
      if (draw < limit) return draw % n;
    }
  }

  function fillUniform<T extends Float64Array | Float32Array>(out: T): T {
    checkElements('fillUniform', 'out', out);
    const round = out instanceof Float32Array ? truncateToSingle : (u: number): number => u;
    let i = 0;
    if (out.length > 0) halfPair = false;
    // Up to three single draws reach a block's start.
    while (i < out.length && position % 4 !== 0) out[i++] = round(uniform());
    const blocks = Math.floor((out.length - i) / 2);
    if (blocks >= KERNEL_BLOCKS) {
      fillFromKernel((k) => k.philoxUniforms, truncateToSingle, out, i, position / 4, blocks, start.key, start.stream);
      i += 2 * blocks;
      position += 4 * blocks;
    }
    while (i < out.length) out[i++] = round(uniform());
    return out;
  }

  function fillNormal<T extends Float64Array | Float32Array>(out: T): T {
    checkElements('fillNormal', 'out', out);
    let i = 0;
    if (halfPair && i < out.length) out[i++] = normal();
    const blocks = Math.floor((out.length - i) / 2);
    if (blocks >= KERNEL_BLOCKS) {
      const block = Math.ceil(position / 4);
      fillFromKernel((k) => k.philoxNormals, Math.fround, out, i, block, blocks, start.key, start.stream);
      i += 2 * blocks;
      position = 4 * (block + blocks);
    }
    while (i < out.length) out[i++] = normal();
    return out;
  }

  return {
    nextUint32,
    uniform,
    normal,
    integer,
    fillUniform,
    fillNormal,
    split(index) {
      const [i0, i1] = splitWords('split', 'index', index);
      const child = new Uint32Array(4);
      philoxBlock(i0, (i1 | SPLIT_TAG) >>> 0, s0, s1, k0, k1, child);
      // The child's own stream carries 53 more bits, so that two children coincide with probability 2^-117.
      return generator({
        algorithm: start.algorithm,
        key: [child[0]!, child[1]!],
        stream: [child[2]!, child[3]! & 0x1fffff],
        position: 0,
        halfPair: false,
      });
    },
    state: () => ({ ...start, position, halfPair }),
  };
}

/** A multiple of 2^-24 below 1; rounding to the nearest f32 could give 1. */
function truncateToSingle(u: number): number {
  return Math.floor(u * 2 ** 24) / 2 ** 24;
}

function splitWords(operation: string, name: string, value: number): [number, number] {
  checkSeed(operation, name, value);
  return [value >>> 0, Math.floor(value / 2 ** 32)];
}
