import type { Elimination } from './minimum-degree.ts';

/** Rows of a sparse factor gathered into nodes of equal pattern: the record of assembly/polytope/supernodes.ts. */
export interface Supernodes {
  readonly count: number;
  /** Entries of all panels. */
  readonly size: number;
  readonly first: Int32Array;
  readonly rowsStart: Int32Array;
  readonly rows: Int32Array;
  readonly panel: Int32Array;
  readonly updateStart: Int32Array;
  readonly updateNode: Int32Array;
  readonly updateFrom: Int32Array;
  readonly updateTo: Int32Array;
  /** Where entry (i, j), i <= j in the order of elimination, has its place. */
  place(i: number, j: number): number;
  /** Multiplications of a factorisation, and entries that are moved from node to node. */
  readonly work: number;
  readonly moves: number;
}

/** Share of zeros that a panel may take in so that there are fewer, larger nodes. */
const ZEROS = 0.3;

/** Nodes of consecutive rows of which each is the parent of the one before, as long as few zeros come in. */
export function supernodes({ below }: Elimination): Supernodes {
  const d = below.length;
  const starts: number[] = [];
  for (let k = 0; k < d; ) {
    starts.push(k);
    let end = k + 1;
    let entries = below[k]!.length + 1;
    for (; end < d && below[end - 1]![0] === end; end++) {
      entries += below[end]!.length + 1;
      const width = end + 1 - k + below[end]!.length;
      const all = ((2 * width - (end - k)) * (end + 1 - k)) / 2;
      if (all - entries > ZEROS * all) break;
    }
    k = end;
  }
  const count = starts.length;
  const first = Int32Array.from([...starts, d]);
  const nodeOf = new Int32Array(d);
  const patterns = starts.map((from, J) => {
    const to = first[J + 1]!;
    nodeOf.fill(J, from, to);
    return [...Array.from({ length: to - from }, (_, r) => from + r), ...below[to - 1]!];
  });
  const rowsStart = running(patterns.map((pattern) => pattern.length));
  const rows = Int32Array.from(patterns.flat());
  const panel = running(patterns.map((pattern, J) => pattern.length * (first[J + 1]! - first[J]!)));
  const updates: { readonly node: number; readonly from: number; readonly to: number }[][] = patterns.map(() => []);
  let work = 0;
  let moves = 0;
  patterns.forEach((pattern, K) => {
    const own = first[K + 1]! - first[K]!;
    for (let r = 0; r < own; r++) work += ((pattern.length - r) * (pattern.length - r + 1)) / 2;
    for (let from = own; from < pattern.length; ) {
      const node = nodeOf[pattern[from]!]!;
      let to = from;
      for (; to < pattern.length && nodeOf[pattern[to]!] === node; to++) moves += pattern.length - to;
      updates[node]!.push({ node: K, from, to });
      from = to;
    }
  });
  const list = updates.flat();
  return {
    count,
    size: panel[count]!,
    first,
    rowsStart,
    rows,
    panel,
    updateStart: running(updates.map((some) => some.length)),
    updateNode: Int32Array.from(list, ({ node }) => node),
    updateFrom: Int32Array.from(list, ({ from }) => from),
    updateTo: Int32Array.from(list, ({ to }) => to),
    place(i, j) {
      const J = nodeOf[i]!;
      const pattern = patterns[J]!;
      return panel[J]! + (i - first[J]!) * pattern.length + indexIn(pattern, j);
    },
    work,
    moves,
  };
}

function indexIn(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 0 and the partial sums. */
function running(counts: readonly number[]): Int32Array {
  const sums = new Int32Array(counts.length + 1);
  counts.forEach((count, i) => {
    sums[i + 1] = sums[i]! + count;
  });
  return sums;
}
