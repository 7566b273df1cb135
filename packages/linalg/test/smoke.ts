/** What a user does first, on every engine that we promise: see tools/release/src/consumers. It may not need WebAssembly. */
import { csr, csrGram, philox, toRows } from '@x/linalg';

export async function smoke(): Promise<unknown> {
  const A = csr(2, 2, new Int32Array([0, 2, 3]), new Int32Array([0, 1, 1]), new Float64Array([1, 2, 3]));
  return { gram: toRows(csrGram(A)), draw: philox(7).uniform() };
}

export const expected: unknown = {
  gram: [
    [1, 2],
    [2, 13],
  ],
  draw: 0.9545971285563127,
};
