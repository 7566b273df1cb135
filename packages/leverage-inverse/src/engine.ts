import { type Dense, dense, gemv, log, transpose } from '@x/linalg';
import type { Design, RowReader } from './design.ts';
import { SlackZeroError } from './errors.ts';
import { type Factor, factorOf } from './factor.ts';
import { newKernel } from './kernel/instance.ts';
import { BLOCK, rowStore, viewOf } from './rows.ts';
import { type Third, thirdSize, unpackThird } from './third.ts';

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
  /** One that is not needed any more: its arrays of n numbers are overwritten. 'own': those of the last one that was asked for so. */
  readonly reuse?: Evaluation | 'own' | undefined;
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
   * Undefined when a slack has not the sign that is wanted; errors name the operation. Cost: n d^2 multiply-adds, half for `qhat` again, n d^3 / 6 for `third`.
   *
   * @throws SlackZeroError; RankDeficientError.
   */
  evaluate(operation: string, x: Float64Array, wanted?: Wanted): Evaluation | undefined;
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

/**
 * `design` has been checked. `resident`: a dense one is copied into a kernel of its own, where it stays, which pays from the third pass on, as
 * new memory is dear; else each pass copies it block by block.
 */
export function createEngine({ A, b: offsets }: Design, resident = false): Engine {
  const { rows: n, cols: d } = A;
  const b = offsets ?? new Float64Array(n);
  const k = newKernel();
  const view = viewOf(k);
  const rows = rowStore(k, view, A, resident);
  const wide = (d + 3) & ~3;
  const most = padded(Math.min(BLOCK, n));
  const numbers = (count: number) => k.allocate(8 * count);
  const offset = numbers(most);
  const slacks = numbers(most);
  const factors = numbers(most);
  const weights = numbers(most);
  const sums = numbers(most);
  const vector = numbers(wide);
  const square = numbers(d * d);
  const packed = numbers(wide * d);
  const form = numbers(wide * d);
  const panels = numbers(most * wide);
  const weighed = numbers(most * wide);
  const product = numbers(wide * wide);
  const scratch = numbers(most * Math.max(12, (wide >> 1) + 4));
  let tensor = 0;

  /** Blocks of rows: where they stand, the first one, how many, and how many with the padding that the kernel wants. */
  const eachBlock = (work: (block: number, first: number, count: number, m: number) => void): void => {
    for (let first = 0; first < n; first += BLOCK) {
      const count = Math.min(BLOCK, n - first);
      work(rows.at(first, count), first, count, padded(count));
    }
  };
  /** 1 / slack for the rows of a block, and 0 for the padding, which then adds nothing anywhere. */
  const scaleBy = (slack: Float64Array, first: number, count: number): void => {
    const to = view(slacks, most);
    to.set(slack.subarray(first, first + count));
    for (let i = count; i & 3; i++) to[i] = Number.POSITIVE_INFINITY;
    k.invert(padded(count), slacks, factors);
  };
  const weigh = (w: Float64Array, first: number, count: number): void => {
    const to = view(weights, most);
    to.set(w.subarray(first, first + count));
    for (let i = count; i & 3; i++) to[i] = 0;
  };
  const useFactor = (U: Dense): void => {
    copySquare(U, view(square, d * d));
    k.packFactor(d, square, packed);
  };
  /** Blocks of B in `panels`, with the squared norms of their rows in `sums`. */
  const eachWhite = ({ Z, slack }: Pick<Evaluation, 'Z' | 'slack'>, work: (first: number, count: number, m: number) => void): void => {
    useFactor(Z);
    eachBlock((block, first, count, m) => {
      scaleBy(slack, first, count);
      k.whiten(m, d, block, factors, packed, panels, sums);
      work(first, count, m);
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
  const addWeighed = (w: Float64Array, first: number, count: number, m: number): void => {
    weigh(w, first, count);
    k.weighPanels(m, d, panels, weights, weighed);
    k.addSymmetric(m, d, panels, weighed, product);
  };
  const fresh = () => ({ slack: new Float64Array(n), scores: new Float64Array(n) });
  let own: ReturnType<typeof fresh> | undefined;
  const ownArrays = () => {
    own ??= fresh();
    return own;
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
      eachBlock((block, first, count) => {
        k.timesVector(count, d, block, vector, sums);
        out.set(view(sums, count), first);
      });
      return out;
    },
    gram(w) {
      zero(product, wide * wide);
      eachBlock((block, first, count, m) => {
        view(factors, count).fill(1);
        for (let i = count; i < m; i++) view(factors, m)[i] = 0;
        k.packRows(m, d, block, factors, panels);
        addWeighed(w, first, count, m);
      });
      return readSymmetric();
    },
    evaluate(operation, x, { qhat = false, third = false, signs, slacks: known, reuse } = {}) {
      const { slack: given, scores } = reuse === 'own' ? ownArrays() : (reuse ?? fresh());
      const slack = known ?? given;
      zero(product, wide * wide);
      view(vector, d).set(x);
      for (let first = 0; first < n; first += BLOCK) {
        const count = Math.min(BLOCK, n - first);
        const block = rows.at(first, count);
        if (known === undefined) {
          view(offset, count).set(b.subarray(first, first + count));
          k.slackRows(count, d, block, vector, offset, slacks);
          slack.set(view(slacks, count), first);
        }
        if (signs === undefined) {
          const row = zeroOf(slack, first, first + count);
          if (row >= 0) throw new SlackZeroError(`${operation}: the slack of row ${row} is zero`, row);
        } else if (!haveSigns(slack, signs, first, first + count)) return undefined;
        scaleBy(slack, first, count);
        k.packRows(padded(count), d, block, factors, panels);
        k.addSymmetric(padded(count), d, panels, panels, product);
      }
      const factor = factorOf(operation, readSymmetric(), scaledBlocks(rows.reader, slack, d));
      let potential = 0;
      for (let j = 0; j < d; j++) potential += log(factor.L.data[factor.L.offset + j * (factor.L.rowStride + factor.L.colStride)]!);

      const size = third ? startThird() : 0;
      zero(product, wide * wide);
      zero(vector, wide);
      const at = { ...factor, x: x.slice(), slack, scores, potential };
      eachWhite(at, (first, count, m) => {
        scores.set(view(sums, count), first);
        k.addRows(m, d, panels, sums, vector);
        if (qhat) {
          k.weighPanels(m, d, panels, sums, weighed);
          k.addSymmetric(m, d, panels, weighed, product);
        }
        if (third) k.addThird(m, d, panels, panels, scratch, tensor);
      });
      return {
        ...at,
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
      useFactor(dense(d, d, T));
      view(form, wide * d).set(view(packed, wide * d));
      eachWhite(at, (first, count, m) => {
        k.quadraticForms(m, d, panels, form, sums);
        out.set(view(sums, count), first);
      });
      return out;
    },
    project(at, v) {
      const sum = new Float64Array(d);
      const rest = new Float64Array(d);
      eachWhite(at, (first, count, m) => {
        weigh(v, first, count);
        zero(vector, wide);
        k.addRows(m, d, panels, weights, vector);
        addTwoSum(view(vector, d), sum, rest);
      });
      return sum.map((value, j) => value + rest[j]!);
    },
    visitRows(visit) {
      eachBlock((block, first, count) => visit(view(block, count * d), first, count));
    },
    weighted(at, u) {
      zero(product, wide * wide);
      eachWhite(at, (first, count, m) => addWeighed(u, first, count, m));
      return readSymmetric();
    },
    third(at, u) {
      const size = startThird();
      eachWhite(at, (first, count, m) => {
        weigh(u, first, count);
        k.weighPanels(m, d, panels, weights, weighed);
        k.addThird(m, d, panels, weighed, scratch, tensor);
      });
      return unpackThird(d, view(tensor, size));
    },
    sampled({ Z, slack }, chosen, w) {
      zero(product, wide * wide);
      useFactor(Z);
      const slacks = Float64Array.from(chosen, (i) => slack[i]!);
      for (let first = 0; first < chosen.length; first += most) {
        const count = Math.min(most, chosen.length - first);
        const block = rows.gathered(chosen, first, count);
        scaleBy(slacks, first, count);
        k.whiten(padded(count), d, block, factors, packed, panels, sums);
        addWeighed(w, first, count, padded(count));
      }
      return readSymmetric();
    },
    rowNorms({ Z, slack }, U) {
      const out = new Float64Array(n);
      eachWhite({ Z: upperProduct(Z, U), slack }, (first, count) => out.set(view(sums, count), first));
      return out;
    },
  };
  return engine;
}

function zeroOf(slack: Float64Array, from: number, to: number): number {
  for (let i = from; i < to; i++) if (slack[i] === 0) return i;
  return -1;
}

function haveSigns(slack: Float64Array, signs: Int8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!(slack[i]! * signs[i]! > 0)) return false;
  return true;
}

/** Rows that the kernel works on for this many: a multiple of four. */
function padded(count: number): number {
  return (count + 3) & ~3;
}

/** diag(1 / slack) A in blocks, for a QR. */
function scaledBlocks(reader: RowReader, slack: Float64Array, d: number): () => Iterable<Dense> {
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
