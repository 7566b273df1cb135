import type { Float } from '../dense.ts';
import type { Kernel } from '../kernel/instance.ts';
import { allocate, type Pointer, withWorkspace } from '../kernel/workspace.ts';

/** A kernel function that writes two f64 a block. */
export type BlockFill = (
  out: Pointer,
  blockLow: number,
  blockHigh: number,
  blocks: number,
  stream0: number,
  stream1: number,
  key0: number,
  key1: number,
) => void;

/** 256 KiB of scratch: large enough to hide the call, small enough to stay in the second-level cache. */
const CHUNK_BLOCKS = 16384;

/** Writes the draws of `blocks` blocks from `block` on to out[at..], by the kernel; a Float32Array gets `round` of each. */
export function fillFromKernel(
  choose: (k: Kernel) => BlockFill,
  round: (x: number) => number,
  out: Float,
  at: number,
  block: number,
  blocks: number,
  [key0, key1]: readonly [number, number],
  [stream0, stream1]: readonly [number, number],
): void {
  withWorkspace((k) => {
    const fill = choose(k);
    const chunk = Math.min(blocks, CHUNK_BLOCKS);
    const scratch = allocate(k, 16 * chunk);
    for (let done = 0; done < blocks; done += chunk) {
      const count = Math.min(chunk, blocks - done);
      const first = block + done;
      fill(scratch, first >>> 0, Math.floor(first / 2 ** 32), count, stream0, stream1, key0, key1);
      const draws = new Float64Array(k.memory.buffer, scratch >>> 0, 2 * count);
      if (out instanceof Float64Array) out.set(draws, at + 2 * done);
      else for (let i = 0; i < draws.length; i++) out[at + 2 * done + i] = round(draws[i] as number);
    }
  });
}
