/** Slow and obvious: what the package must agree with. */

/** Rows clamped into the bounds; NaN to the lower one. */
export function clamped(points: ArrayLike<number>, bounds: readonly (readonly [number, number])[]): number[][] {
  const d = bounds.length;
  return Array.from({ length: points.length / d }, (_, i) =>
    bounds.map(([lower, upper], j) => {
      const x = points[i * d + j] as number;
      return Number.isNaN(x) ? lower : Math.min(Math.max(x, lower), upper);
    }),
  );
}

/** sum over the rows of |x - y|_1. */
export function distanceSum(rows: readonly (readonly number[])[], y: ArrayLike<number>): number {
  let sum = 0;
  for (const row of rows) for (let j = 0; j < row.length; j++) sum += Math.abs((row[j] as number) - (y[j] as number));
  return sum;
}

/** Probabilities of -most ... most, normalised over them. */
export function pmf(kind: 'laplace' | 'gaussian', parameter: number, most: number): { values: number[]; probabilities: number[] } {
  const values = Array.from({ length: 2 * most + 1 }, (_, i) => i - most);
  const weights = values.map((y) => (kind === 'laplace' ? Math.exp(-Math.abs(y) / parameter) : Math.exp((-y * y) / (2 * parameter))));
  const total = weights.reduce((a, b) => a + b, 0);
  return { values, probabilities: weights.map((w) => w / total) };
}

/** A fraction of whole numbers. */
export interface Rational {
  readonly p: bigint;
  readonly q: bigint;
}

export function plus(a: Rational, b: Rational): Rational {
  return { p: a.p * b.q + b.p * a.q, q: a.q * b.q };
}

/** A double is a fraction. */
export function rational(x: number): Rational {
  let q = 1n;
  while (!Number.isInteger(x)) {
    x *= 2;
    q *= 2n;
  }
  return { p: BigInt(x), q };
}

/** Whether a <= b. */
export function atMost(a: Rational, b: Rational): boolean {
  return a.p * b.q <= b.p * a.q;
}

export function toNumber({ p, q }: Rational): number {
  // 60 binary places of the quotient.
  return Number((p << 60n) / q) / 2 ** 60;
}
