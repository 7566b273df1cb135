import { type Dense, dense, zeros } from '@x/linalg';
import { addTo, blend, product, transposedProduct } from '../product.ts';

/** A descent under way. */
export interface Descent {
  /** The weights reached. */
  readonly W: Dense;
  loop(eta: number): void;
}

/** Preconditioned gradient descent W <- W - eta A^T (H W - c) with heavy-ball momentum, from `W`, which is changed. */
export function descent(H: Dense, c: Dense, A: Dense | undefined, momentum: number, W: Dense = zeros(c.rows, c.cols)): Descent {
  const change = new Float64Array(W.data.length);
  return {
    W,
    loop(eta) {
      const gradient = product(H, W, 1, -1, dense(c.rows, c.cols, c.data.slice()));
      blend(change, momentum, (A === undefined ? gradient : transposedProduct(A, gradient)).data, -eta);
      addTo(W.data, change);
    },
  };
}
