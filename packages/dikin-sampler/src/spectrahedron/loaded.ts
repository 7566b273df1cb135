import type { Kernel } from '../kernel/instance.ts';
import { float64Copy, int32Copy } from '../kernel/memory.ts';
import { addEntries } from './matrix.ts';
import { matrixAt, type Pencil } from './pencil.ts';

/** How the Hessian is made of a pencil's matrices. */
export type HessianWay = 'dense' | 'sparse' | 'lowRank';

/** What a sketched Hessian is made with (assembly/spectrahedron/sketch.ts); the regions of its coins are the caller's. */
export interface SketchRegions {
  readonly padded: number;
  readonly samples: number;
  readonly leftSigns: number;
  readonly rightSigns: number;
  readonly leftRows: number;
  readonly rightRows: number;
}

/** The order of the kernel's record, `Pencil` in assembly/spectrahedron/pencil.ts. */
const WAYS = ['dense', 'sparse', 'lowRank', 'sketched'] as const;

/** Copies a pencil into the kernel's memory; returns the address of its record. */
export function loadPencil(kernel: Kernel, pencil: Pencil, way: HessianWay = fastestWay(pencil), sketch?: SketchRegions): number {
  const { order: n, dimension: d, constant, entries, factors } = pencil;
  const doubles = (values: ArrayLike<number>) => float64Copy(kernel, values).pointer;
  const integers = (values: ArrayLike<number>) => int32Copy(kernel, values).pointer;
  const dense = way === 'dense' && sketch === undefined;
  const lowRank = way === 'lowRank' && sketch === undefined ? factors : undefined;
  return int32Copy(kernel, [
    n,
    d,
    doubles(constant),
    integers(entries.start),
    integers(entries.row),
    integers(entries.col),
    doubles(entries.value),
    WAYS.indexOf(sketch === undefined ? way : 'sketched'),
    dense ? doubles(byRows(pencil)) : 0,
    dense ? doubles(lowerWeights(n)) : 0,
    lowRank === undefined ? 0 : integers(lowRank.start),
    lowRank === undefined ? 0 : doubles(lowRank.vectors),
    lowRank === undefined ? 0 : doubles(lowRank.weights),
    sketch?.padded ?? 0,
    sketch?.samples ?? 0,
    sketch?.leftSigns ?? 0,
    sketch?.rightSigns ?? 0,
    sketch?.leftRows ?? 0,
    sketch?.rightRows ?? 0,
    Number(isFull(pencil)),
  ]).pointer;
}

/** Whether no entry of a lower triangle is zero: so they stand row by row. */
function isFull({ order: n, dimension: d, entries }: Pencil): boolean {
  return entries.value.length === (d * n * (n + 1)) / 2;
}

/** Multiply-adds of the dense way that take as long as one of the others, whose operands are gathered. */
const GATHER = 4;

/** The way with the least work: 2 d n^3 + d^2 n^2 / 2, the pairs of entries, or R n^2 + R^2 n for R vectors. */
export function fastestWay({ order: n, dimension: d, entries, factors }: Pencil): HessianWay {
  const count = entries.value.length;
  const dense = 2 * d * n * n * n + (d * d * n * n) / 2;
  const sparse = 2 * n * n * n + GATHER * count * count;
  const R = factors?.weights.length ?? 0;
  const lowRank = factors === undefined ? Number.POSITIVE_INFINITY : R * n * n + R * R * n + (GATHER / 2) * R * R;
  if (lowRank < Math.min(dense, sparse)) return 'lowRank';
  return sparse < dense ? 'sparse' : 'dense';
}

/** Row a of B_j at (a d + j) n. */
function byRows({ order: n, dimension: d, entries }: Pencil): Float64Array {
  const blocks = new Float64Array(n * d * n);
  const one = new Float64Array(n * n);
  for (let j = 0; j < d; j++) {
    addEntries(one.fill(0), n, matrixAt(entries, j), 1);
    for (let a = 0; a < n; a++) blocks.set(one.subarray(a * n, (a + 1) * n), (a * d + j) * n);
  }
  return blocks;
}

/** 1 on the diagonal, 2 below it. */
function lowerWeights(n: number): Float64Array {
  const weights = new Float64Array((n * (n + 1)) / 2);
  for (let a = 0, p = 0; a < n; a++) for (let b = 0; b <= a; b++) weights[p++] = a === b ? 1 : 2;
  return weights;
}
