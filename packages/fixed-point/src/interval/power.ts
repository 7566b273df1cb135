/** 2^k for k = -538 .. 512, by exact halving and doubling: engines have got Math.pow(2, k) wrong. */
const LEAST = -538;
const MOST = 512;
const POWERS: Float64Array = powers();

/** Two of the least positive number: what rounding into the subnormals may lose, and more. */
export const ETA_EXP = 1e-323;

function powers(): Float64Array {
  const table = new Float64Array(MOST - LEAST + 1);
  table[-LEAST] = 1;
  for (let k = 1; k <= MOST; k++) table[k - LEAST] = 2 * table[k - 1 - LEAST];
  for (let k = -1; k >= LEAST; k--) table[k - LEAST] = table[k + 1 - LEAST] / 2;
  return table;
}

/** 2^k for whole -538 <= k <= 512; NaN for NaN. */
export function powerOfTwo(k: number): number {
  return k === k ? POWERS[k - LEAST] : k;
}

/** x 2^k for whole -1076 <= k <= 1024, 1/2 < x < 2, in two steps, of which the first is exact: so it is rounded once at most. */
export function scaleByPowerOfTwo(x: number, k: number): number {
  const half = k >> 1;
  return x * POWERS[half - LEAST] * POWERS[k - half - LEAST];
}
