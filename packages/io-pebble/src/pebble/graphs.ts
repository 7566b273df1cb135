import { dagBuilder, type PebbleDag } from './dag.ts';

/**
 * C = A B for A m x k and B k x n, each entry of C a chain of k multiply-adds: m k + k n inputs, m k n further vertices, the last of each
 * chain an output. Inputs are numbered A by rows, then B by rows.
 */
export function matmulDag(m: number, k: number, n: number): PebbleDag {
  const dag = dagBuilder();
  const A = Array.from({ length: m * k }, () => dag.input());
  const B = Array.from({ length: k * n }, () => dag.input());
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum: number | undefined;
      for (let t = 0; t < k; t++) sum = dag.node([A[i * k + t]!, B[t * n + j]!, ...(sum === undefined ? [] : [sum])]);
      if (sum !== undefined) dag.output(sum);
    }
  }
  return dag.build();
}

/**
 * Attention without normalisation, O_i = sum_j f(q_i . k_j) v_j with n queries and keys of size d: the core that every exact schedule
 * shares. f is part of the last vertex of a chain of d multiply-adds. Inputs are Q, K, V by rows; `allowed` masks pairs.
 */
export function attentionDag(n: number, d: number, allowed: (i: number, j: number) => boolean = () => true): PebbleDag {
  const dag = dagBuilder();
  const [Q, K, V] = [0, 1, 2].map(() => Array.from({ length: n * d }, () => dag.input())) as [number[], number[], number[]];
  for (let i = 0; i < n; i++) {
    const O: (number | undefined)[] = new Array(d).fill(undefined);
    for (let j = 0; j < n; j++) {
      if (!allowed(i, j)) continue;
      let score: number | undefined;
      for (let t = 0; t < d; t++) score = dag.node([Q[i * d + t]!, K[j * d + t]!, ...(score === undefined ? [] : [score])]);
      for (let t = 0; t < d; t++) O[t] = dag.node([score!, V[j * d + t]!, ...(O[t] === undefined ? [] : [O[t]!])]);
    }
    for (const last of O) if (last !== undefined) dag.output(last);
  }
  return dag.build();
}
