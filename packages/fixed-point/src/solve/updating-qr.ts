import { addScaled, dot, euclidean } from './vectors.ts';

/**
 * A thin QR factorisation A = Q R whose columns come at the end and go at the front: Gram-Schmidt, done twice, adds one; Givens rotations
 * take one away. Never the normal equations, whose condition number is the square.
 */
export interface UpdatingQr {
  /** Columns held. */
  readonly count: number;
  /** Adds a column; there must be room, which also means count < rows. */
  append(column: Float64Array): void;
  dropOldest(): void;
  clear(): void;
  /** Writes the y that minimises ||A y - b||; `R` must not be singular. */
  solve(b: Float64Array, y: Float64Array): void;
  /** ||R||_F ||R^-1||_F, which the condition number does not exceed; Infinity for a singular R. */
  condition(): number;
}

/** @param rows - of A. @param capacity - the most columns. */
export function updatingQr(rows: number, capacity: number): UpdatingQr {
  const Q = Array.from({ length: capacity }, () => new Float64Array(rows));
  /** Column by column: R[j][i] for i <= j. */
  const R: Float64Array[] = Array.from({ length: capacity }, () => new Float64Array(capacity));
  let count = 0;

  function append(column: Float64Array): void {
    const q = Q[count];
    const r = R[count].fill(0);
    q.set(column);
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < count; i++) {
        const part = dot(Q[i], q);
        r[i] += part;
        addScaled(q, -part, Q[i]);
      }
    }
    const size = euclidean(q);
    r[count] = size;
    if (size > 0) for (let i = 0; i < rows; i++) q[i] /= size;
    count++;
  }

  function dropOldest(): void {
    R.push(R.shift() as Float64Array);
    count--;
    // Column j now reaches one row below the diagonal.
    for (let j = 0; j < count; j++) {
      const a = R[j][j];
      const b = R[j][j + 1];
      const h = Math.sqrt(a * a + b * b);
      const c = h === 0 ? 1 : a / h;
      const s = h === 0 ? 0 : b / h;
      for (let k = j; k < count; k++) {
        const upper = R[k][j];
        const lower = R[k][j + 1];
        R[k][j] = c * upper + s * lower;
        R[k][j + 1] = c * lower - s * upper;
      }
      const left = Q[j];
      const right = Q[j + 1];
      for (let i = 0; i < rows; i++) {
        const upper = left[i];
        const lower = right[i];
        left[i] = c * upper + s * lower;
        right[i] = c * lower - s * upper;
      }
    }
  }

  function solve(b: Float64Array, y: Float64Array): void {
    for (let i = 0; i < count; i++) y[i] = dot(Q[i], b);
    for (let i = count - 1; i >= 0; i--) {
      for (let k = i + 1; k < count; k++) y[i] -= R[k][i] * y[k];
      y[i] /= R[i][i];
    }
  }

  function condition(): number {
    let size = 0;
    let inverse = 0;
    const e = new Float64Array(count);
    for (let j = 0; j < count; j++) {
      for (let i = 0; i <= j; i++) size += R[j][i] ** 2;
      // Column j of R^-1.
      e.fill(0);
      e[j] = 1 / R[j][j];
      for (let i = j - 1; i >= 0; i--) {
        let sum = 0;
        for (let k = i + 1; k <= j; k++) sum += R[k][i] * e[k];
        e[i] = -sum / R[i][i];
      }
      for (let i = 0; i <= j; i++) inverse += e[i] ** 2;
    }
    const bound = Math.sqrt(size * inverse);
    return bound === bound ? bound : Infinity;
  }

  return {
    get count() {
      return count;
    },
    append,
    dropOldest,
    clear() {
      count = 0;
    },
    solve,
    condition,
  };
}
