import { add, divide, type Fixed, multiply, ONE, size, subtract, UNIT, ZERO } from './fixed.ts';

type Matrix = readonly (readonly Fixed[])[];

/** V^-1 J V, V inverted by elimination; undefined where no pivot is known to differ from zero. */
export function inBasis(J: Matrix, entries: readonly Fixed[]): Matrix | undefined {
  const d = J.length;
  const V = J.map((_, i) => entries.slice(i * d, (i + 1) * d));
  const inverse = inverseOf(V);
  return inverse && product(inverse, product(J, V));
}

function product(A: Matrix, B: Matrix): Matrix {
  return A.map((row) => B.map((_, j) => row.reduce((sum, a, k) => add(sum, multiply(a, B[k][j])), ZERO)));
}

/** Gauss and Jordan, with the surest pivot of each column. */
function inverseOf(V: Matrix): Matrix | undefined {
  const d = V.length;
  const rows = V.map((row, i) => [...row, ...row.map((_, j) => (i === j ? UNIT : ZERO))]);
  for (let k = 0; k < d; k++) {
    let best = k;
    for (let i = k + 1; i < d; i++) if (least(rows[i][k]) > least(rows[best][k])) best = i;
    if (least(rows[best][k]) <= 0n) return undefined;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    const pivot = rows[k].map((entry) => divide(entry, rows[k][k]));
    for (let i = 0; i < d; i++) {
      const factor = rows[i][k];
      if (i !== k) rows[i] = rows[i].map((entry, j) => (j === k ? ZERO : subtract(entry, multiply(factor, pivot[j]))));
    }
    rows[k] = pivot;
  }
  return rows.map((row) => row.slice(d));
}

/** The smallest |y| for y in x. */
function least(x: Fixed): bigint {
  return x.lo > 0n ? x.lo : x.hi < 0n ? -x.hi : 0n;
}

/** A block of one or two rows: center re +- i im, and how far eigenvalues are from it at most. */
interface Block {
  readonly re: bigint;
  readonly im: bigint;
  readonly reach: bigint;
}

/**
 * Whether all blocks' discs lie inside the unit circle, so that the matrices contract; or a group of connected ones outside, so that each matrix
 * has an eigenvalue there; else `unknown`.
 */
export function attractionOf(B: Matrix): boolean | 'unknown' {
  const blocks = blocksOf(B);
  const square = ({ re, im }: Block) => re * re + im * im;
  if (blocks.every((block) => block.reach < ONE && square(block) < (ONE - block.reach) ** 2n)) return true;
  const isOutside = (block: Block) => square(block) > (ONE + block.reach) ** 2n;
  const touch = (x: Block, y: Block) => (x.re - y.re) ** 2n + (x.im - y.im) ** 2n <= (x.reach + y.reach) ** 2n;
  // A block that is connected to one which is not outside is as good as inside itself.
  let outside = blocks.filter(isOutside);
  let inside = blocks.filter((block) => !isOutside(block));
  while (inside.length > 0 && outside.length > 0) {
    const reached = outside.filter((block) => inside.some((other) => touch(block, other)));
    outside = outside.filter((block) => !reached.includes(block));
    inside = reached;
  }
  return outside.length > 0 ? false : 'unknown';
}

function blocksOf(B: Matrix): Block[] {
  const blocks: Block[] = [];
  const mid = (x: Fixed) => (x.lo + x.hi) >> 1n;
  const distance = (v: bigint) => (v < 0n ? -v : v);
  for (let i = 0; i < B.length; i++) {
    const here = mid(B[i][i]);
    const rest = (row: number, from: number, to: number) =>
      B[row].reduce((sum, entry, j) => (j >= from && j < to ? sum : sum + size(entry)), 0n);
    if (i + 1 < B.length) {
      const [next, up, down] = [mid(B[i + 1][i + 1]), mid(B[i][i + 1]), mid(B[i + 1][i])];
      // Opposite beside the diagonal, and more so than the diagonal itself differs: a complex pair.
      if (up * down < 0n && distance(up - down) > distance(here - next)) {
        const re = (here + next) >> 1n;
        const im = (up - down) >> 1n;
        const off = (entry: Fixed, center: bigint) => size({ lo: entry.lo - center, hi: entry.hi - center });
        const own = off(B[i][i], re) + off(B[i + 1][i + 1], re) + off(B[i][i + 1], im) + off(B[i + 1][i], -im);
        blocks.push({ re, im: distance(im), reach: own + rest(i, i, i + 2) + rest(i + 1, i, i + 2) });
        i++;
        continue;
      }
    }
    const { lo, hi } = B[i][i];
    blocks.push({ re: here, im: 0n, reach: size({ lo: lo - here, hi: hi - here }) + rest(i, i, i + 1) });
  }
  return blocks;
}
