/**
 * The least delta in (0, 3 - 2 sqrt 2] with delta (1 - delta)^2 / (1 + delta)^4 >= target; that function grows there, up to 1/16. Undefined
 * where none is.
 */
export function leastDelta(target: number): number | undefined {
  const f = (t: number) => (t * (1 - t) ** 2) / (1 + t) ** 4;
  let high = 3 - 2 * Math.SQRT2;
  if (!(target <= f(high) * (1 - 1e-10))) return undefined;
  let low = target;
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2;
    if (f(middle) > target * (1 + 1e-10)) high = middle;
    else low = middle;
  }
  return high;
}
