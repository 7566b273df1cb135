import { type Dense, dense, gemm, gram, transpose } from '@x/linalg';

/** T_jkl = sum_i w_i b_ij b_ik b_il, symmetric, all d^3 entries. */
export interface Third {
  readonly d: number;
  readonly data: Float64Array;
}

/** How many numbers the kernel writes. */
export function thirdSize(d: number): number {
  let size = 0;
  for (let k = 0; k < d; k++) size += (d + (d & 1) - (k & ~1)) * 8 * ((k >> 3) + 1);
  return size;
}

/** All entries from those with l <= k <= j, in the kernel's order (assembly/third.ts). */
export function unpackThird(d: number, packed: Float64Array): Third {
  const data = new Float64Array(d ** 3);
  let at = 0;
  for (let k = 0; k < d; k++) {
    const width = 8 * ((k >> 3) + 1);
    const first = k & ~1;
    for (let j = k; j < d; j++) {
      for (let l = 0; l <= k; l++) {
        const value = packed[at + (j - first) * width + l]!;
        for (const [p, q, r] of [
          [j, k, l],
          [j, l, k],
          [k, j, l],
          [k, l, j],
          [l, j, k],
          [l, k, j],
        ] as const) {
          data[(p * d + q) * d + r] = value;
        }
      }
    }
    at += (d + (d & 1) - first) * width;
  }
  return { d, data };
}

/** B^T (P o P) B: entries sum_jk T_jkl T_jkm. */
export function secondOf({ d, data }: Third): Dense {
  const pairs = (d * (d + 1)) / 2;
  const rows = new Float64Array(pairs * d);
  const weights = new Float64Array(pairs);
  let p = 0;
  for (let j = 0; j < d; j++) {
    for (let k = 0; k <= j; k++, p++) {
      rows.set(data.subarray((j * d + k) * d, (j * d + k + 1) * d), p * d);
      weights[p] = j === k ? 1 : 2;
    }
  }
  return gram(dense(pairs, d, rows), weights);
}

/** Entries sum_jk S_jkl T_jkm. */
export function contractPairs(S: Third, T: Third): Dense {
  const d = S.d;
  return gemm({ A: transpose(dense(d * d, d, S.data)), B: dense(d * d, d, T.data) });
}

/** sum_j C_mj T_jkl for all m, k, l. */
export function contractFirst(C: Dense, { d, data }: Third): Third {
  return { d, data: gemm({ A: C, B: dense(d, d * d, data) }).data };
}
