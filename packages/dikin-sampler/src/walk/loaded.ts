import { type Csr, csrTranspose, log, type Rng } from '@x/linalg';
import type { Frame } from '../frame.ts';
import type { Kernel } from '../kernel/instance.ts';
import { float64Copy, float64Region, int32Copy, type Region } from '../kernel/memory.ts';
import { loadSampling } from './sampling.ts';
import { loadStructure } from './structure/loaded.ts';
import type { Structure } from './structure/structure.ts';

/**
 * Weights of a barrier, w = leverage scores of W^{power / 2} S^{-1} A, plus `shift`; the Hessian is A^T S^{-1} W^outer S^{-1} A. They are
 * iterated `rounds` times from one start; no rounds are the logarithmic barrier.
 */
export interface Weighting {
  readonly power: number;
  readonly shift: number;
  readonly outer: number;
  readonly rounds: number;
}

/** How the kernel makes Hessians; the numbers are those of assembly/polytope/body.ts. */
export const HESSIAN = { exact: 0, f32: 1, bucketed: 2, sampled: 3 } as const;
export type HessianKind = keyof typeof HESSIAN;

/** What of a body a walk uses. */
export interface Use {
  readonly weighting: Weighting;
  readonly hessian: HessianKind;
  /** e of slack bucketing. */
  readonly bucket: number;
  /** Rows that a sampled Hessian draws. */
  readonly samples: number;
  /** How the metric is made where that is not dense. */
  readonly structure?: Structure | undefined;
  /** Default true: false for walks that only move along chords. */
  readonly metric?: boolean;
}

/** Above this share of nonzeros products with A are faster dense. */
const DENSE = 0.25;

/** A frame as a record in the kernel's memory, the layout of assembly/polytope/body.ts. */
export function loadBody(k: Kernel, frame: Frame, { weighting, hessian, bucket, samples, structure, metric = true }: Use): number {
  const { power, shift, outer, rounds } = weighting;
  const { A, dimension: d, quadratic, soft } = frame;
  const n = A.rows;
  const { start, split, row, entry, inverse } = signedColumns(A);
  const f64 = (values: ArrayLike<number> | undefined) => (values === undefined ? 0 : float64Copy(k, values).pointer);
  const dense = metric && structure === undefined;
  const At = dense || A.data.length > DENSE * n * d ? transposed(A) : undefined;
  const atPointer = f64(At);
  const work = rounds > 0 ? d * (n + d) + 14 * n : hessian === 'f32' ? n + d * d : hessian === 'bucketed' ? n * d : 0;
  const P = quadratic?.P.some((v) => v !== 0) ? quadratic.P : undefined;
  const fields = [
    n,
    d,
    atPointer,
    f64(frame.slack),
    int32Copy(k, start).pointer,
    int32Copy(k, split).pointer,
    int32Copy(k, row).pointer,
    f64(entry),
    f64(inverse),
    f64(P),
    f64(quadratic?.g),
    dense ? f64(soft) : 0,
    rounds,
    HESSIAN[hessian],
    Number(frame.energy !== undefined),
    dense ? k.polytopePack(n, d, atPointer, false) : 0,
    dense && hessian === 'f32' ? k.polytopePack(n, d, float32Copy(k, At!), true) : 0,
    hessian === 'bucketed' || hessian === 'sampled' ? f64(denseRows(A)) : 0,
    float64Region(k, 2 * n).pointer,
    float64Region(k, work).pointer,
    structure === undefined ? 0 : loadStructure(k, frame, structure),
    hessian === 'sampled' ? loadSampling(k, frame, samples) : 0,
  ];
  return record(k, [log(1 + bucket), power, shift, outer], fields).pointer;
}

/** Where a point of a chain is in the kernel's memory: its f64 are energy and half the log-determinant, and field FACTORED tells whether `factor` is its own. */
export interface LoadedPoint extends Record {
  readonly w: Region<Float64Array>;
  readonly slack: Region<Float64Array>;
  readonly gradient: Region<Float64Array>;
  readonly factor: Region<Float64Array>;
  readonly H: Region<Float64Array>;
  readonly buckets: Region<Float64Array>;
}

export const FACTORED = 4;

/** @param size - numbers that a point keeps as its factor. */
export function loadPoint(k: Kernel, n: number, d: number, hessian: HessianKind, size: number): LoadedPoint {
  const [w, slack, gradient, factor] = [d, n, d, size].map((length) => float64Region(k, length)) as [
    Region<Float64Array>,
    Region<Float64Array>,
    Region<Float64Array>,
    Region<Float64Array>,
  ];
  const H = float64Region(k, hessian === 'bucketed' ? d * d : 0);
  const buckets = float64Region(k, hessian === 'bucketed' ? n : 0);
  const made = record(k, [0, 0], [w.pointer, slack.pointer, gradient.pointer, factor.pointer, 0, H.pointer, buckets.pointer]);
  return { ...made, w, slack, gradient, factor, H, buckets };
}

/** Fields of a stream that change: the next block and, for uniforms and normals, first block (two words) and numbers used. */
export const STREAM_FIELDS = { from: 4, count: 8 } as const;
/** Numbers that a buffer holds. */
const BUFFER = 128;

/** A stream that takes up where `rng` stands; what it has of a block begun is left out. */
export function loadStream(k: Kernel, rng: Rng): { readonly pointer: number; readonly words: Region<Int32Array> } {
  const { key, stream, position } = rng.state();
  const block = Math.ceil(position / 4);
  const buffers = [float64Region(k, BUFFER).pointer, float64Region(k, BUFFER).pointer];
  const fields = [...key, ...stream, block >>> 0, Math.floor(block / 4294967296), 0, 0, BUFFER, 0, 0, BUFFER, ...buffers];
  const words = int32Copy(k, fields);
  return { pointer: words.pointer, words };
}

/** A record: f64 fields, then fields of four bytes. */
export interface Record {
  readonly pointer: number;
  readonly values: Region<Float64Array>;
  readonly fields: Region<Int32Array>;
}

export function record(k: Kernel, doubles: readonly number[], words: readonly number[]): Record {
  const size = doubles.length + Math.ceil(words.length / 2);
  const values = float64Region(k, size);
  values.view().set(doubles);
  const at = values.pointer + 8 * doubles.length;
  const fields: Region<Int32Array> = {
    pointer: at,
    view: () => new Int32Array(k.memory.buffer, at >>> 0, words.length),
  };
  fields.view().set(words);
  return { pointer: values.pointer, values, fields };
}

function float32Copy(k: Kernel, values: Float64Array): number {
  const pointer = k.allocate(4 * values.length);
  new Float32Array(k.memory.buffer, pointer >>> 0, values.length).set(values);
  return pointer;
}

/** The rows of A^T: entry (j, i) at j n + i. */
function transposed({ rows: n, cols: d, indptr, indices, data }: Csr): Float64Array {
  const At = new Float64Array(d * n);
  for (let i = 0; i < n; i++) for (let p = indptr[i]!; p < indptr[i + 1]!; p++) At[indices[p]! * n + i] = data[p]!;
  return At;
}

function denseRows({ rows: n, cols: d, indptr, indices, data }: Csr): Float64Array {
  const dense = new Float64Array(n * d);
  for (let i = 0; i < n; i++) for (let p = indptr[i]!; p < indptr[i + 1]!; p++) dense[i * d + indices[p]!] = data[p]!;
  return dense;
}

/** A by columns, in each the positive entries first (up to `split`), so that a chord needs no sign tests. */
function signedColumns(A: Csr) {
  const { indptr: start, indices, data } = csrTranspose(A);
  const row = new Int32Array(indices.length);
  const entry = new Float64Array(indices.length);
  const split = new Int32Array(A.cols);
  for (let j = 0; j < A.cols; j++) {
    let at = start[j]!;
    for (const positive of [true, false]) {
      for (let p = start[j]!; p < start[j + 1]!; p++) {
        if (data[p]! > 0 !== positive) continue;
        row[at] = indices[p]!;
        entry[at++] = data[p]!;
      }
      if (positive) split[j] = at;
    }
  }
  return { start, split, row, entry, inverse: entry.map((a) => 1 / a) };
}
