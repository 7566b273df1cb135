/** Whether a sample follows a law. `p` is below `alpha` with probability at most alpha when it does. */
export interface Fit {
  readonly statistic: number;
  readonly p: number;
}

/**
 * Kolmogorov-Smirnov: the largest distance D between the empirical and the given distribution function, and the bound
 * P(D > d) <= 2 exp(-2 n d^2) as its p-value. The bound (Massart, Ann. Probab. 18, 1990) holds for every n and d, and is the leading
 * term of the limit law, so nothing is lost in the tail where tests live.
 */
export function ksTest(sample: ArrayLike<number>, cdf: (x: number) => number): Fit {
  const x = Float64Array.from(sample).sort();
  const n = x.length;
  let statistic = 0;
  for (let i = 0; i < n; i++) {
    const F = cdf(x[i] as number);
    statistic = Math.max(statistic, F - i / n, (i + 1) / n - F);
  }
  return { statistic, p: Math.min(1, 2 * Math.exp(-2 * n * statistic * statistic)) };
}

/**
 * Two-sample Kolmogorov-Smirnov, p-value exact for continuous laws (ties make it conservative): the fraction of the interleavings of
 * the two samples, all equally likely, whose largest distance reaches the one seen. Cost: O(n m).
 */
export function ksTwoSample(a: ArrayLike<number>, b: ArrayLike<number>): Fit {
  const x = Float64Array.from(a).sort();
  const y = Float64Array.from(b).sort();
  const [n, m] = [x.length, y.length];
  let widest = 0;
  for (let i = 0, j = 0; i < n && j < m; ) {
    const value = Math.min(x[i] as number, y[j] as number);
    while (i < n && x[i] === value) i++;
    while (j < m && y[j] === value) j++;
    widest = Math.max(widest, Math.abs(i * m - j * n));
  }
  // leaves[j]: probability that a random path from (0, 0) to (i, j) has reached the distance seen. Its complement would lose small ones.
  const leaves = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * m - j * n) >= widest) leaves[j] = 1;
      else if (i + j === 0) leaves[j] = 0;
      else leaves[j] = ((i === 0 ? 0 : (leaves[j] as number)) * i + (j === 0 ? 0 : (leaves[j - 1] as number)) * j) / (i + j);
    }
  }
  return { statistic: widest / (n * m), p: leaves[m] as number };
}
