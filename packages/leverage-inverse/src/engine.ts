import { type Dense, dense, gemv, log, transpose } from '@x/linalg';
import { type Design, rowReader } from './design.ts';
import { SlackZeroError } from './errors.ts';
import { type Factor, factorOf } from './factor.ts';
import { type Kernel, newKernel } from './kernel/instance.ts';
import { type Third, thirdSize, unpackThird } from './third.ts';

/** Rows of a block: panels of eight columns then take 16 KiB, two of which fit a first-level cache. */
const BLOCK = 256;

/** What there is to know at x. Whitened coordinates are those in which H is the identity: h = Z p, gradients Z^T g. */
export interface Evaluation extends Factor {
  readonly x: Float64Array;
  readonly slack: Float64Array;
  readonly scores: Float64Array;
  /** V = log det(H) / 2. */
  readonly potential: number;
  /** Z^T g = B^T sigma. */
  readonly whitened: Float64Array;
  /** B^T Sigma B, when asked for. */
  readonly qhat: Dense | undefined;
  /** sum_i b_i (x) b_i (x) b_i, when asked for. */
  readonly third: Third | undefined;
}

export interface Wanted {
  readonly qhat?: boolean;
  readonly third?: boolean;
  /** The signs that slacks must have. */
  readonly signs?: Int8Array;
  /** The slacks at x, where they are known better than a plain sum gives them. */
  readonly slacks?: Float64Array;
}

/** Passes over the rows of a design, block by block: nothing larger than n numbers is ever formed beside A. */
export interface Engine {
  readonly rows: number;
  readonly cols: number;
  readonly b: Float64Array;
  /** A h. */
  times(h: Float64Array): Float64Array;
  /** A^T diag(weights) A, both triangles. */
  gram(weights: Float64Array): Dense;
  /**
   * Undefined when a slack has not the sign that is wanted. Cost: n d^2 multiply-adds, half for `qhat` again, n d^3 / 6 for `third`.
   *
   * @throws SlackZeroError; RankDeficientError.
   */
  evaluate(x: Float64Array, wanted?: Wanted): Evaluation | undefined;
  /** (P o P) u. Cost: 2 n d^2 multiply-adds. */
  squaredProjection(at: Evaluation, u: Float64Array): Float64Array;
  /** B^T v for n numbers v, sums of blocks added in twice the precision. Cost: n d^2 / 2. */
  project(at: Evaluation, v: Float64Array): Float64Array;
  /** Calls `visit` with the rows of A, block by block, row-major. */
  visitRows(visit: (rows: Float64Array, first: number, count: number) => void): void;
  /** B^T diag(u) B. Cost: n d^2. */
  weighted(at: Evaluation, u: Float64Array): Dense;
  /** sum_i u_i b_i (x) b_i (x) b_i. Cost: n d^3 / 6. */
  third(at: Evaluation, u: Float64Array): Third;
  /** sum_k weights_k b_i b_i^T with i = rows_k. Cost: m d^2. */
  sampled(at: Evaluation, rows: Int32Array, weights: Float64Array): Dense;
  /** ||b_i^T U||^2 for an upper triangular U. Cost: n d^2 / 2. */
  rowNorms(at: Evaluation, U: Dense): Float64Array;
}

/** @param operation - whose errors these are. `design` has been checked. */
export function createEngine(operation: string, { A, b: offsets }: Design): Engine {
  const { rows: n, cols: d } = A;
  const b = offsets ?? new Float64Array(n);
  const reader = rowReader(A);
  const k: Kernel = newKernel();
  const wide = (d + 7) & ~7;
  const most = Math.min(BLOCK, n);
  const numbers = (count: number) => k.allocate(8 * count);
  // A read of eight columns may go beyond the last row; what stands there is multiplied by zero and must be finite.
  const block = numbers(most * d + 8);
  const factors = numbers(most);
  const weights = numbers(most);
  const sums = numbers(most);
  const vector = numbers(wide);
  const square = numbers(d * d);
  const packed = numbers(wide * d);
  const panels = numbers(most * wide);
  const weighed = numbers(most * wide);
  const product = numbers(wide * wide);
  const scratch = numbers(2 * most);
  let tensor = 0;
  let heap = new Float64Array(k.memory.buffer);

  /** Numbers in the kernel's memory; WebAssembly hands addresses out as signed numbers. */
  const view = (pointer: number, count: number): Float64Array => {
    if (heap.buffer !== k.memory.buffer) heap = new Float64Array(k.memory.buffer);
    const start = (pointer >>> 0) / 8;
    return heap.subarray(start, start + count);
  };
  view(block, most * d + 8).fill(0);

  const eachBlock = (work: (first: number, count: number) => void): void => {
    for (let first = 0; first < n; first += BLOCK) {
      const count = Math.min(BLOCK, n - first);
      reader.range(first, count, view(block, count * d));
      work(first, count);
    }
  };
  /** Blocks of B, with the squared norms of their rows in `sums`. */
  const whitenBlock = (slack: (i: number) => number, count: number): void => {
    const inverse = view(factors, count);
    for (let i = 0; i < count; i++) inverse[i] = 1 / slack(i);
    k.whiten(count, d, block, factors, packed, panels, sums);
  };
  const useFactor = (U: Dense): void => {
    copySquare(U, view(square, d * d));
    k.packFactor(d, square, packed);
  };
  const eachWhite = ({ Z, slack }: Evaluation, work: (first: number, count: number) => void): void => {
    useFactor(Z);
    eachBlock((first, count) => {
      whitenBlock((i) => slack[first + i]!, count);
      work(first, count);
    });
  };
  const zero = (pointer: number, count: number): void => {
    view(pointer, count).fill(0);
  };
  const readSymmetric = (): Dense => {
    const C = view(product, wide * wide);
    const data = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        data[i * d + j] = C[i * wide + j]!;
        data[j * d + i] = C[i * wide + j]!;
      }
    }
    return dense(d, d, data);
  };
  const addWeighed = (count: number, w: Float64Array, first: number): void => {
    view(weights, count).set(w.subarray(first, first + count));
    k.weighPanels(count, d, panels, weights, weighed);
    k.addSymmetric(count, d, panels, weighed, product);
  };
  const startThird = (): number => {
    const size = thirdSize(d);
    tensor ||= numbers(size);
    zero(tensor, size);
    return size;
  };

  const engine: Engine = {
    rows: n,
    cols: d,
    b,
    times(h) {
      const out = new Float64Array(n);
      view(vector, d).set(h);
      eachBlock((first, count) => {
        k.timesVector(count, d, block, vector, sums);
        out.set(view(sums, count), first);
      });
      return out;
    },
    gram(w) {
      zero(product, wide * wide);
      view(factors, most).fill(1);
      eachBlock((first, count) => {
        k.packRows(count, d, block, factors, panels);
        addWeighed(count, w, first);
      });
      return readSymmetric();
    },
    evaluate(x, { qhat = false, third = false, signs, slacks } = {}) {
      const slack = new Float64Array(n);
      zero(product, wide * wide);
      view(vector, d).set(x);
      for (let first = 0; first < n; first += BLOCK) {
        const count = Math.min(BLOCK, n - first);
        reader.range(first, count, view(block, count * d));
        if (slacks === undefined) k.timesVector(count, d, block, vector, sums);
        const products = view(sums, count);
        const inverse = view(factors, count);
        for (let i = 0; i < count; i++) {
          const value = slacks === undefined ? products[i]! - b[first + i]! : slacks[first + i]!;
          if (signs !== undefined && !(value * signs[first + i]! > 0)) return undefined;
          if (value === 0) throw new SlackZeroError(`${operation}: the slack of row ${first + i} is zero`, first + i);
          slack[first + i] = value;
          inverse[i] = 1 / value;
        }
        k.packRows(count, d, block, factors, panels);
        k.addSymmetric(count, d, panels, panels, product);
      }
      const factor = factorOf(operation, readSymmetric(), scaledBlocks(reader, slack, d));
      let potential = 0;
      for (let j = 0; j < d; j++) potential += log(factor.L.data[factor.L.offset + j * (factor.L.rowStride + factor.L.colStride)]!);

      const scores = new Float64Array(n);
      const size = third ? startThird() : 0;
      zero(product, wide * wide);
      zero(vector, wide);
      useFactor(factor.Z);
      eachBlock((first, count) => {
        whitenBlock((i) => slack[first + i]!, count);
        scores.set(view(sums, count), first);
        k.addRows(count, d, panels, sums, vector);
        if (qhat) {
          k.weighPanels(count, d, panels, sums, weighed);
          k.addSymmetric(count, d, panels, weighed, product);
        }
        if (third) k.addThird(count, d, panels, panels, scratch, tensor);
      });
      return {
        ...factor,
        x: x.slice(),
        slack,
        scores,
        potential,
        whitened: view(vector, d).slice(),
        qhat: qhat ? readSymmetric() : undefined,
        third: third ? unpackThird(d, view(tensor, size)) : undefined,
      };
    },
    squaredProjection(at, u) {
      const C = engine.weighted(at, u);
      const out = new Float64Array(n);
      // The form of C from its upper triangle, off-diagonal entries twice.
      const T = C.data.map((value, p) => (p % d > Math.floor(p / d) ? 2 * value : p % (d + 1) === 0 ? value : 0));
      const form = numbersFor(k, wide * d);
      useFactor(dense(d, d, T));
      view(form, wide * d).set(view(packed, wide * d));
      eachWhite(at, (first, count) => {
        k.quadraticForms(count, d, panels, form, sums);
        out.set(view(sums, count), first);
      });
      return out;
    },
    project(at, v) {
      const sum = new Float64Array(d);
      const rest = new Float64Array(d);
      eachWhite(at, (first, count) => {
        view(weights, count).set(v.subarray(first, first + count));
        zero(vector, wide);
        k.addRows(count, d, panels, weights, vector);
        addTwoSum(view(vector, d), sum, rest);
      });
      return sum.map((value, j) => value + rest[j]!);
    },
    visitRows(visit) {
      eachBlock((first, count) => visit(view(block, count * d), first, count));
    },
    weighted(at, u) {
      zero(product, wide * wide);
      eachWhite(at, (first, count) => addWeighed(count, u, first));
      return readSymmetric();
    },
    third(at, u) {
      const size = startThird();
      eachWhite(at, (first, count) => {
        view(weights, count).set(u.subarray(first, first + count));
        k.weighPanels(count, d, panels, weights, weighed);
        k.addThird(count, d, panels, weighed, scratch, tensor);
      });
      return unpackThird(d, view(tensor, size));
    },
    sampled({ Z, slack }, chosen, w) {
      zero(product, wide * wide);
      useFactor(Z);
      for (let first = 0; first < chosen.length; first += most) {
        const count = Math.min(most, chosen.length - first);
        reader.chosen(chosen, first, count, view(block, count * d));
        whitenBlock((i) => slack[chosen[first + i]!]!, count);
        addWeighed(count, w, first);
      }
      return readSymmetric();
    },
    rowNorms({ Z, slack }, U) {
      const out = new Float64Array(n);
      useFactor(upperProduct(Z, U));
      eachBlock((first, count) => {
        whitenBlock((i) => slack[first + i]!, count);
        out.set(view(sums, count), first);
      });
      return out;
    },
  };
  // One more panel buffer, only for the forms of `squaredProjection`.
  let form = 0;
  function numbersFor(kernel: Kernel, count: number): number {
    form ||= kernel.allocate(8 * count);
    return form;
  }
  return engine;
}

/** diag(1 / slack) A in blocks, for a QR. */
function scaledBlocks(reader: ReturnType<typeof rowReader>, slack: Float64Array, d: number): () => Iterable<Dense> {
  return function* () {
    const size = Math.max(BLOCK, 4 * d);
    for (let first = 0; first < slack.length; first += size) {
      const count = Math.min(size, slack.length - first);
      const rows = new Float64Array(count * d);
      reader.range(first, count, rows);
      yield dense(
        count,
        d,
        rows.map((value, p) => value / slack[first + Math.floor(p / d)]!),
      );
    }
  };
}

/** sum + rest += x, what rounding takes from the sum going to the rest (Knuth's TwoSum). */
function addTwoSum(x: Float64Array, sum: Float64Array, rest: Float64Array): void {
  for (let j = 0; j < x.length; j++) {
    const a = sum[j]!;
    const s = a + x[j]!;
    const t = s - a;
    sum[j] = s;
    rest[j] = rest[j]! + (a - (s - t) + (x[j]! - t));
  }
}

function copySquare({ rows, cols, data, offset, rowStride, colStride }: Dense, to: Float64Array): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) to[i * cols + j] = data[offset + i * rowStride + j * colStride]!;
}

/** Z U for upper triangular matrices. */
function upperProduct(Z: Dense, U: Dense): Dense {
  const d = Z.rows;
  const data = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    const column = gemv({ A: Z, x: Float64Array.from({ length: d }, (_, i) => U.data[U.offset + i * U.rowStride + j * U.colStride]!) });
    for (let i = 0; i < d; i++) data[i * d + j] = column[i]!;
  }
  return dense(d, d, data);
}

/** g = L (Z^T g). */
export function gradientOf({ L, whitened }: Evaluation): Float64Array {
  return gemv({ A: L, x: whitened });
}

/** Z^T v. */
export function whitenVector({ Z }: Factor, v: Float64Array): Float64Array {
  return gemv({ A: transpose(Z), x: v });
}

/** Z p. */
export function unwhitenVector({ Z }: Factor, p: Float64Array): Float64Array {
  return gemv({ A: Z, x: p });
}
