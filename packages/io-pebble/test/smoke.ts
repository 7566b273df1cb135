/** What a user does first, on every engine that we promise: see tools/release/src/consumers. It may not need WebAssembly. */
import { advise, matmulDag, solveOptimal } from '@x/io-pebble';

export async function smoke(): Promise<unknown> {
  const { ranked } = advise({ nq: 8192, d: 128 }, { bytes: 192 * 1024 });
  const { cost, proven } = await solveOptimal(matmulDag(2, 2, 2), 4);
  return [ranked[0]?.schedule, ranked[0]?.bytes, cost, proven];
}

export const expected: unknown = ['flash2', 96485376, 17, true];
