import { type Dense, dense, gemm, gram, transpose } from '@x/linalg';

/** T_jkl = sum_i w_i b_ij b_ik b_il, symmetric, all d^3 entries. */
export interface Third {
  readonly d: number;
  readonly data: Float64Array;
}

const TILE = 16;

/** How many numbers the kernel writes. */
export function thirdSize(d: number): number {
  const panels = Math.ceil(d / 4);
  return TILE * (3 * panels ** 2 + 4 * ((panels * (panels - 1) * (panels - 2)) / 6));
}

/** The first (k, l) of the four pairs of each panel of pairs: (k, l), (k, l + 1), (k + 1, l), (k + 1, l + 1). */
const PAIRS = [
  [0, 0],
  [2, 0],
  [2, 2],
] as const;

/** All entries from the tiles of the kernel, in its order (assembly/third.ts). */
export function unpackThird(d: number, packed: Float64Array): Third {
  const data = new Float64Array(d ** 3);
  const panels = Math.ceil(d / 4);
  let at = 0;
  const set = (j: number, k: number, l: number): void => {
    const value = packed[at++]!;
    if (j >= d || k >= d || l >= d) return;
    data[(j * d + k) * d + l] = value;
    data[(j * d + l) * d + k] = value;
    data[(k * d + j) * d + l] = value;
    data[(k * d + l) * d + j] = value;
    data[(l * d + j) * d + k] = value;
    data[(l * d + k) * d + j] = value;
  };
  for (let K = 0; K < 4 * panels; K += 4) {
    for (let J = 0; J < 4 * panels; J += 4) {
      for (const [k, l] of PAIRS) {
        for (let j = J; j < J + 4; j++) for (let p = 0; p < 4; p++) set(j, K + k + (p >> 1), K + l + (p & 1));
      }
    }
  }
  for (let k = 4; k < 4 * (panels - 1); k++) {
    const K = k & ~3;
    for (let J = K + 4; J < 4 * panels; J += 4) {
      for (let L = 0; L < K; L += 4) {
        for (let j = J; j < J + 4; j++) for (let l = L; l < L + 4; l++) set(j, k, l);
      }
    }
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
