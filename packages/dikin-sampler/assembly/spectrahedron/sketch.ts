/**
 * The Hessian from samples of the entries of M_j = L^{-1} B_j L^{-T} after they are spread out by signs and Walsh-Hadamard transforms on both
 * sides: the sketch s^{-1/2} P (H D1 x H D2) of the vectors vec(M_j) (TensorSRHT; Gu, Kuang, Ma, Song, Zhang 2024, definition G.10).
 *
 * Entry k of sketched M_j is u_k^T B_j v_k, with u_k and v_k rows of H D2 L^{-1} and H D1 L^{-1} (L^{-1} stands for the symmetric root of
 * S^{-1}, of which it is an orthogonal multiple). It is unbiased, and the same function of L whenever signs and rows are the same.
 */
import { allocateArray, mark, release } from '../../../linalg/assembly/arena';
import { syrk } from '../../../linalg/assembly/blas/syrk';
import { hadamard } from '../../../linalg/assembly/sketch/hadamard';
import { count } from '../operations';
import { inverseFactor } from './hessian';
import { Pencil } from './pencil';

export function sketchedHessian(p: Pencil, L: usize, H: usize): void {
  const n = p.n;
  const d = p.d;
  const samples = p.samples;
  const left = mixed(p, L, p.leftSigns);
  const right = mixed(p, L, p.rightSigns);
  const entries = <f64>load<i32>(p.start + (<usize>d << 2));
  count(<f64>samples * (3 * entries + 0.5 * <f64>d * <f64>(d + 1)));
  // d x samples.
  const T = allocateArray<f64>(d * samples);
  for (let k = 0; k < samples; k++) {
    const u = left + (<usize>(load<i32>(p.leftRows + (<usize>k << 2)) * n) << 3);
    const v = right + (<usize>(load<i32>(p.rightRows + (<usize>k << 2)) * n) << 3);
    let q = 0;
    for (let j = 0; j < d; j++) {
      const end = load<i32>(p.start + (<usize>(j + 1) << 2));
      let sum: f64 = 0;
      for (; q < end; q++) {
        const a = <usize>load<i32>(p.row + (<usize>q << 2)) << 3;
        const b = <usize>load<i32>(p.col + (<usize>q << 2)) << 3;
        let term = load<f64>(u + a) * load<f64>(v + b);
        if (a != b) term += load<f64>(u + b) * load<f64>(v + a);
        sum += load<f64>(p.value + (<usize>q << 3)) * term;
      }
      store<f64>(T + (<usize>(j * samples + k) << 3), sum);
    }
  }
  syrk<f64>(d, samples, 1.0 / <f64>samples, T, samples, 1, 1, H, d, 1, false);
}

/** H D L^{-1}, N x n, rows beyond n of L^{-1} being zero. */
function mixed(p: Pencil, L: usize, signs: usize): usize {
  const n = p.n;
  const W = allocateArray<f64>(p.padded * n);
  const top = mark();
  inverseFactor(n, L, W);
  count((<f64>n * <f64>n * <f64>n) / 6);
  memory.fill(W + ((<usize>n * <usize>n) << 3), 0, (<usize>(p.padded - n) * <usize>n) << 3);
  for (let i = 0; i < n; i++) {
    const sign = load<f64>(signs + (<usize>i << 3));
    for (let j = 0; j <= i; j++) {
      const to = W + (<usize>(i * n + j) << 3);
      store<f64>(to, sign * load<f64>(to));
    }
  }
  hadamard(p.padded, n, W);
  release(top);
  return W;
}
