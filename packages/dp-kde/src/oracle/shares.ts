import { ArgumentError } from '@x/linalg/errors';
import { checkWhole } from '../check.ts';
import type { Design } from '../design.ts';
import type { Histogram } from '../features/histogram.ts';
import type { BitPool } from '../noise/source.ts';

/** One part of a builder's sums: numbers modulo 2^64. */
export type Share = BigUint64Array;

/** The number of rows, then counts and fractions column by column, split into random summands. */
export function shareOut(histograms: readonly Histogram[], rows: number, parts: number, pool: BitPool): Share[] {
  checkWhole('DistanceBuilder.exportShares', 'parts', parts, 2, 1024);
  const values = new BigUint64Array([rows, ...histograms.flatMap(({ counts, fractions }) => [...counts, ...fractions])].map(BigInt));
  const shares = Array.from({ length: parts - 1 }, () =>
    values.map((value, i) => {
      const word = (BigInt(pool.u32()) << 32n) | BigInt(pool.u32());
      values[i] = value - word;
      return word;
    }),
  );
  pool.wipe();
  return [...shares, values];
}

/** Adds shares of one part, of several builders: numbers modulo 2^64. */
export function addShares(shares: readonly Share[]): Share {
  const sum = new BigUint64Array(shares[0]?.length ?? 0);
  for (const share of shares) {
    if (!(share instanceof BigUint64Array) || share.length !== sum.length) {
      throw new ArgumentError('addShares: all shares must be of builders of one design', 'shares');
    }
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as bigint) + (share[i] as bigint);
  }
  return sum;
}

/** What complete shares stand for. Missing ones give random numbers, which hardly ever look like sums. */
export function sumOfShares(shares: readonly Share[], { bounds, cells, one }: Design): { rows: number; histograms: Histogram[] } {
  const sum = addShares(shares);
  const values = Float64Array.from(sum, Number);
  sum.fill(0n);
  const rows = values[0] as number;
  const histograms = bounds.map((_, j) => {
    const start = 1 + 2 * j * cells;
    return { counts: values.slice(start, start + cells), fractions: values.slice(start + cells, start + 2 * cells) };
  });
  const sound =
    values.length === 1 + 2 * cells * bounds.length &&
    histograms.every(
      ({ counts, fractions }) => counts.reduce((a, b) => a + b, 0) === rows && fractions.every((f, k) => f <= (counts[k] as number) * one),
    );
  if (!sound) throw new ArgumentError('addFromShares: the shares are of another design, or some are missing', 'shares');
  return { rows, histograms };
}
