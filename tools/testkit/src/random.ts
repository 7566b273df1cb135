/**
 * A deterministic source of test data. Each value is a function of (seed, stream, counter) alone, so data does not depend on the
 * order in which it is asked for. The generator is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw, SC 2011): a strong one,
 * and another one than the packages' own, so that a defect there cannot hide here.
 */
export interface Random {
  /** A whole number in [0, 2^32). */
  u32(): number;
  /** A multiple of 2^-53 in [0, 1). */
  uniform(): number;
  /** A standard normal. Uses Math.log, so its last bit may differ between JavaScript engines. */
  normal(): number;
  /** A whole number in [low, high]. */
  integer(low: number, high: number): number;
  /** An independent source. */
  stream(index: number): Random;
}

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Threefry-2x32-20 of the counter (c0, c1) under the key (k0, k1), written to `out`. */
export function threefry(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  const key = [k0, k1, 0x1bd11bda ^ k0 ^ k1] as const;
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    x = (x + y) | 0;
    const r = ROTATIONS[round & 7] as number;
    y = ((y << r) | (y >>> (32 - r))) ^ x;
    if ((round & 3) === 3) {
      const s = (round >> 2) + 1;
      x = (x + key[(s % 3) as 0 | 1 | 2]) | 0;
      y = (y + key[((s + 1) % 3) as 0 | 1 | 2] + s) | 0;
    }
  }
  out[0] = x;
  out[1] = y;
}

/** A source for `seed` (a whole number; taken modulo 2^32). */
export function random(seed: number, stream = 0): Random {
  const block = new Uint32Array(2);
  let counter = 0;
  let have = 0;
  let spare: number | undefined;
  const u32 = (): number => {
    if (have === 0) {
      threefry(seed, stream, counter, Math.floor(counter / 2 ** 32), block);
      counter++;
      have = 2;
    }
    have--;
    return block[1 - have] as number;
  };
  const uniform = (): number => {
    const high = u32() >>> 5;
    return (high * 2 ** 26 + (u32() >>> 6)) * 2 ** -53;
  };
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * scale;
        return u * scale;
      }
    }
  };
  return {
    u32,
    uniform,
    normal,
    integer: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
    stream: (index) => {
      const derived = new Uint32Array(2);
      threefry(seed, stream, index, 0x5eed, derived);
      return random(derived[0] as number, derived[1] as number);
    },
  };
}
