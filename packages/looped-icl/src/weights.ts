import { type Dense, identity, zeros } from '@x/linalg';

/** The numbers of a looped linear transformer: all loops share A, and differ in the step size alone. */
export interface LoopWeights {
  readonly d: number;
  readonly k: number;
  /** The query-key block, d x d; undefined is the identity. The implicit gradient descent is preconditioned by its transpose. */
  readonly A: Dense | undefined;
  /** Step size of each loop. */
  readonly steps: Float64Array;
  /** Share of the last change that is added again; with it a token has k label entries and the k last changes of them. */
  readonly momentum: number;
}

/** The matrices of one loop, Z <- S Z - (eta / n) P Z M (Z^T Q Z), on tokens (x, label[, last change of the label]) as columns of Z. */
export interface LoopMatrices {
  /** Value-projection block: writes what the labels attract to the labels. */
  readonly P: Dense;
  /** Query-key block: attention compares inputs by A. */
  readonly Q: Dense;
  /** Residual connection: the identity unless there is momentum. */
  readonly S: Dense;
}

/**
 * The weights as matrices that can be printed, D x D with D = d + k, or d + 2 k with momentum.
 *
 * P = diag(0_d, I_k) and Q = diag(A, 0_k). With momentum m the last k rows hold the last change u of the labels r:
 * u <- m u - (eta / n) attention, r <- r + m u - (eta / n) attention.
 */
export function loopMatrices({ d, k, A = identity(d), momentum }: Omit<LoopWeights, 'steps'>): LoopMatrices {
  const slots = momentum === 0 ? 1 : 2;
  const D = d + slots * k;
  const P = zeros(D, D);
  const Q = zeros(D, D);
  const S = identity(D);
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) Q.data[i * D + j] = A.data[A.offset + i * A.rowStride + j * A.colStride]!;
  for (let c = 0; c < k; c++) {
    const label = d + c;
    P.data[label * D + label] = 1;
    if (slots === 1) continue;
    const change = label + k;
    P.data[change * D + label] = 1;
    S.data[label * D + change] = momentum;
    S.data[change * D + change] = momentum;
  }
  return { P, Q, S };
}
