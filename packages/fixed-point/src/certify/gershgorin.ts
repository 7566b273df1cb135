import type { Box } from '../interval/box.ts';
import { above, below } from '../interval/round.ts';

/**
 * Whether every matrix within bounds certainly has an eigenvalue outside the unit circle, by Gershgorin's discs: discs that are connected
 * hold as many eigenvalues as they are, so a connected group wholly outside the circle proves it.
 */
export function isRepelling(J: Box, d: number): boolean {
  const middle = new Float64Array(d);
  const radius = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    const at = i * (d + 1);
    middle[i] = J.lower[at] / 2 + J.upper[at] / 2;
    radius[i] = above(Math.max(J.upper[at] - middle[i], middle[i] - J.lower[at]));
    for (let j = 0; j < d; j++) {
      const p = i * d + j;
      if (j !== i) radius[i] = above(radius[i] + Math.max(-J.lower[p], J.upper[p]));
    }
  }
  const outside = (i: number) => below(Math.abs(middle[i]) - radius[i]) > 1;
  const touch = (i: number, j: number) => !(below(Math.abs(middle[i] - middle[j])) > above(radius[i] + radius[j]));
  const seen = new Uint8Array(d);
  for (let start = 0; start < d; start++) {
    if (seen[start]) continue;
    const group = [start];
    seen[start] = 1;
    for (const i of group) {
      for (let j = 0; j < d; j++) {
        if (seen[j] || !touch(i, j)) continue;
        seen[j] = 1;
        group.push(j);
      }
    }
    if (group.every(outside)) return true;
  }
  return false;
}
