import { type Design, dense, leverageGradient } from '@x/leverage-inverse';
import { gemm, philox } from '@x/linalg';

export interface Size {
  readonly n: number;
  readonly d: number;
}

/** Gaussian rows, slacks within [1, 3]: a well-shaped cell. */
export function problem({ n, d }: Size): { design: Design; x: Float64Array; c: Float64Array } {
  const rng = philox(1);
  const A = dense(n, d, rng.fillNormal(new Float64Array(n * d)));
  const x = rng.fillNormal(new Float64Array(d)).map((value) => value / Math.sqrt(d));
  const product = gemm({ A, B: dense(d, 1, x) }).data;
  const design = { A, b: product.map((value) => value - 1 - 2 * rng.uniform()) };
  return { design, x, c: leverageGradient(design, x).gradient };
}
