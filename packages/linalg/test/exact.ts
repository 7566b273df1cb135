/** Exact arithmetic over the whole range of f64: x is held as the whole number 2^1074 x. */

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);

/** 2^1074 x. */
export function exact(x: number): bigint {
  if (!Number.isFinite(x)) throw new Error(`${x} is not finite`);
  double[0] = Math.abs(x);
  const [fraction, exponent] = [bits[0]! & (2n ** 52n - 1n), bits[0]! >> 52n];
  const size = exponent === 0n ? fraction : (fraction | (2n ** 52n)) << (exponent - 1n);
  return x < 0 ? -size : size;
}

export function size(x: bigint): bigint {
  return x < 0n ? -x : x;
}
