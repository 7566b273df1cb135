import type { Frame } from '../../frame.ts';
import type { Kernel } from '../../kernel/instance.ts';
import { float64Copy, float64Region, int32Copy } from '../../kernel/memory.ts';
import { rowOf } from '../../sparse.ts';
import type { Structure } from './structure.ts';

/** A structure as a record in the kernel's memory, the layout of assembly/polytope/structure.ts. */
export function loadStructure(k: Kernel, { A, dimension: d }: Frame, { order, nodes, few, fixed }: Structure): number {
  const i32 = (values: ArrayLike<number>) => int32Copy(k, values).pointer;
  const f64 = (values: ArrayLike<number>) => float64Copy(k, values).pointer;
  const place = new Int32Array(d);
  order.forEach((coordinate, at) => {
    place[coordinate] = at;
  });
  const entryAt = (i: number, j: number) => nodes.place(Math.min(place[i]!, place[j]!), Math.max(place[i]!, place[j]!));

  const left = new Set(few);
  const pairStart = new Int32Array(A.rows + 1);
  const pairAt: number[] = [];
  const pairValue: number[] = [];
  for (let i = 0; i < A.rows; i++) {
    if (!left.has(i)) {
      const { columns, entries } = rowOf(A, i);
      for (let p = 0; p < columns.length; p++) {
        for (let q = 0; q <= p; q++) {
          pairAt.push(entryAt(columns[p]!, columns[q]!));
          pairValue.push(entries[p]! * entries[q]!);
        }
      }
    }
    pairStart[i + 1] = pairAt.length;
  }
  const fewValue = new Float64Array(few.length * d);
  few.forEach((i, r) => {
    const { columns, entries } = rowOf(A, i);
    for (let p = 0; p < columns.length; p++) fewValue[r * d + place[columns[p]!]!] = entries[p]!;
  });

  const supernodes = [
    d,
    nodes.count,
    nodes.size,
    ...[nodes.first, nodes.rowsStart, nodes.rows, nodes.panel].map(i32),
    ...[nodes.updateStart, nodes.updateNode, nodes.updateFrom, nodes.updateTo].map(i32),
    int32Copy(k, new Int32Array(d)).pointer,
    float64Region(k, 2 * d).pointer,
  ];
  return i32([
    i32(supernodes),
    i32(order),
    i32(pairStart),
    i32(pairAt),
    f64(pairValue),
    fixed.length,
    i32(fixed.map(({ row, col }) => entryAt(row, col))),
    i32(fixed.map(({ row }) => row)),
    i32(fixed.map(({ col }) => col)),
    f64(fixed.map(({ P }) => P)),
    f64(fixed.map(({ soft }) => soft)),
    few.length,
    i32(few),
    f64(fewValue),
    float64Region(k, d + few.length).pointer,
  ]);
}

/** Numbers that a point keeps as its factor. */
export function structuredSize({ nodes, few, order }: Structure): number {
  return nodes.size + few.length * (order.length + few.length);
}
