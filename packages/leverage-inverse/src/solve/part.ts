import type { Dense } from '@x/linalg';
import { gemm, transpose } from '@x/linalg';
import { gradientOf } from '../coordinates.ts';
import type { Engine, Evaluation } from '../engine.ts';
import { combine, congruence } from '../matrix.ts';

/** One gradient: of the rows of its own design, in a cell of its own. */
export interface Part {
  readonly engine: Engine;
  readonly c: Float64Array;
  readonly signs: Int8Array;
  readonly weight: number;
}

/** The sum of all at one x, in the whitened coordinates of the first. */
export interface Point {
  readonly x: Float64Array;
  readonly parts: readonly Evaluation[];
  /** F(x) = sum_k weight_k (V_k + <c_k, x>) + x^T N x / 2. */
  readonly value: number;
  /** Z^T (sum_k weight_k (g_k - c_k) - N x) = -Z^T grad F. */
  readonly residual: Float64Array;
}

export interface Problem {
  readonly parts: readonly Part[];
  /** A^T W^2 A of the regulariser. */
  readonly penalty: Dense | undefined;
  /** w_i^2 of the regulariser. */
  readonly squaredWeights?: Float64Array | undefined;
}

/** sum_k weight_k (Z^T L_k) M_k (Z^T L_k)^T + Z^T N Z from matrices M_k in the whitened coordinates of their parts. */
export function assemble({ parts, penalty }: Problem, at: Point, matrices: readonly Dense[]): Dense {
  const first = at.parts[0]!;
  let sum: Dense | undefined;
  for (const [k, { weight }] of parts.entries()) {
    const own = k === 0 ? matrices[0]! : congruence(gemm({ A: transpose(at.parts[k]!.L), B: first.Z }), matrices[k]!);
    sum = sum === undefined ? combine(weight, own, 0, own) : combine(1, sum, weight, own);
  }
  return penalty === undefined ? sum! : combine(1, sum!, 1, congruence(first.Z, penalty));
}

export function gradientSum({ parts }: Problem, evaluations: readonly Evaluation[]): Float64Array {
  const d = parts[0]!.engine.cols;
  const sum = new Float64Array(d);
  for (const [k, { c, weight }] of parts.entries()) {
    const g = gradientOf(evaluations[k]!);
    for (let j = 0; j < d; j++) sum[j] = sum[j]! + weight * (g[j]! - c[j]!);
  }
  return sum;
}
