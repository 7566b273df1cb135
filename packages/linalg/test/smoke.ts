/** What a user does first, on every engine that we promise: see tools/release/src/consumers. It may not need WebAssembly. */
import { createPool, csr, csrGram, dense, multiply, philox, toRows } from '@x/linalg';

export async function smoke(): Promise<unknown> {
  const A = csr(2, 2, new Int32Array([0, 2, 3]), new Int32Array([0, 1, 1]), new Float64Array([1, 2, 3]));
  const B = dense(2, 2, new Float64Array([1, 2, 3, 4]));
  // On worker threads where the platform has them, else on this one.
  const pool = await createPool({ threads: 2 });
  const pooled = toRows(await pool.gemm({ A: B, B }));
  pool.terminate();
  return { gram: toRows(csrGram(A)), draw: philox(7).uniform(), square: toRows(multiply(B, B)), pooled };
}

export const expected: unknown = {
  gram: [
    [1, 2],
    [2, 13],
  ],
  draw: 0.9545971285563127,
  square: [
    [7, 10],
    [15, 22],
  ],
  pooled: [
    [7, 10],
    [15, 22],
  ],
};
