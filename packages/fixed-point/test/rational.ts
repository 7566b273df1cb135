/** Exact arithmetic on numbers m 2^e, which all doubles are: sums and products of them stay such numbers. */
export interface Dyadic {
  readonly m: bigint;
  readonly e: number;
}

export function dyadic(x: number): Dyadic {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const m = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
  return { m: x < 0 ? -m : m, e: Math.max(exponent, 1) - 1075 };
}

function aligned(a: Dyadic, b: Dyadic): [bigint, bigint, number] {
  const e = Math.min(a.e, b.e);
  return [a.m << BigInt(a.e - e), b.m << BigInt(b.e - e), e];
}

/** a + b, exactly. */
export function plus(a: Dyadic, b: Dyadic): Dyadic {
  const [x, y, e] = aligned(a, b);
  return { m: x + y, e };
}

/** a b, exactly. */
export function by(a: Dyadic, b: Dyadic): Dyadic {
  return { m: a.m * b.m, e: a.e + b.e };
}

/** a <= b, exactly. */
export function atMost(a: Dyadic, b: Dyadic): boolean {
  const [x, y] = aligned(a, b);
  return x <= y;
}

/** w x + b, exactly. */
export function affineAt(w: Float64Array, x: readonly Dyadic[], b: number): Dyadic {
  return w.reduce((sum, v, k) => plus(sum, by(dyadic(v), x[k])), dyadic(b));
}

/** a_0 + a_1 z + ..., exactly. */
export function polynomialAt(a: ArrayLike<number>, z: Dyadic): Dyadic {
  return Array.from(a).reduceRight((p, c) => plus(by(p, z), dyadic(c)), dyadic(0));
}
