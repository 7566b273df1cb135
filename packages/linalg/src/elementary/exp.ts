import { pow2, SHIFT } from './bits.ts';

const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;

/**
 * e^x with the same bits on every platform (`Math.exp` differs between engines); the kernel's vector version gives the
 * same ones, its plain fallback calls this one. Error below 0.85 ulp; NaN gives NaN. The method is explained in assembly/elementary/exp.ts.
 */
export function exp(x: number): number {
  const u = Math.min(Math.max(x, -750), 710);
  const k = u * Math.LOG2E + SHIFT - SHIFT;
  const hi = u - k * LN2_HI;
  const lo = k * LN2_LO;
  const r = hi - lo;
  const z = r * r;
  const c = r - z * (1 / 6 + z * (-1 / 360 + z * (1 / 15120 + z * (-1 / 604800 + z * (1 / 23950080 + z * (-691 / 653837184000))))));
  const y = 1 - (lo - (r * c) / (2 - c) - hi);
  const half = k * 0.5 + SHIFT;
  return y * pow2(half) * pow2(k - (half - SHIFT) + SHIFT);
}
