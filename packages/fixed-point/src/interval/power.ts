/** 2^k for k = -1074 .. 1023, by exact halving and doubling: engines have got Math.pow(2, k) wrong. */
const LEAST = -1074;
const POWERS: Float64Array = powers();

/** Two of the least positive number: what rounding into the subnormals may lose, and more. */
export const ETA_EXP = 1e-323;

function powers(): Float64Array {
  const table = new Float64Array(1023 - LEAST + 1);
  table[-LEAST] = 1;
  for (let k = 1; k <= 1023; k++) table[k - LEAST] = 2 * table[k - 1 - LEAST];
  for (let k = -1; k >= LEAST; k--) table[k - LEAST] = table[k + 1 - LEAST] / 2;
  return table;
}

/** x 2^k for -1076 <= k <= 1024, 1/2 < x < 2; exact where the result is in the normal range. */
export function scaleByPowerOfTwo(x: number, k: number): number {
  if (k > 1023) return 2 * x * POWERS[1023 - LEAST];
  if (k < LEAST) return (x * POWERS[0]) / 4;
  return x * POWERS[k - LEAST];
}
