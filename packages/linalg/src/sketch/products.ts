/** Products of a tall matrix with a vector, for iterations that make many: the matrix stays where it is. Unchecked. */
import { isCsr, type Matrix } from '../sparse/csr.ts';
import { multiplyTransposedVector, multiplyVector } from '../sparse/multiply.ts';

/** y <- A x. Four sums run side by side, as one alone would wait for each addition. */
export function timesVector(A: Matrix, x: Float64Array, y: Float64Array): Float64Array {
  if (isCsr(A)) return multiplyVector(A, x, y);
  const { rows, cols, data, offset, rowStride, colStride } = A;
  const whole = cols - (cols % 4);
  for (let i = 0; i < rows; i++) {
    let p = offset + i * rowStride;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = 0; j < whole; j += 4, p += 4 * colStride) {
      a += data[p]! * x[j]!;
      b += data[p + colStride]! * x[j + 1]!;
      c += data[p + 2 * colStride]! * x[j + 2]!;
      d += data[p + 3 * colStride]! * x[j + 3]!;
    }
    for (let j = whole; j < cols; j++, p += colStride) a += data[p]! * x[j]!;
    y[i] = a + b + (c + d);
  }
  return y;
}

/** x <- A^T y. */
export function transposedTimesVector(A: Matrix, y: Float64Array, x: Float64Array): Float64Array {
  if (isCsr(A)) return multiplyTransposedVector(A, y, x);
  const { rows, cols, data, offset, rowStride, colStride } = A;
  x.fill(0);
  for (let i = 0; i < rows; i++) {
    const yi = y[i]!;
    for (let j = 0, p = offset + i * rowStride; j < cols; j++, p += colStride) x[j]! += yi * data[p]!;
  }
  return x;
}

export function norm(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return Math.sqrt(sum);
}

export function inner(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** y <- y + factor x. */
export function add(factor: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) y[i]! += factor * x[i]!;
}
