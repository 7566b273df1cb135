import type { Chains } from '../src/index.ts';

/** Multiples of 2^-31 from x <- 1103515245 x + 12345 mod 2^31: what made the arrays that ArviZ was given. */
function uniforms(seed: number): () => number {
  let x = BigInt(seed);
  return () => {
    x = (1103515245n * x + 12345n) % 2n ** 31n;
    return Number(x) / 2 ** 31;
  };
}

/** Chains x_t = phi x_{t-1} + (sum of twelve uniforms - 6). */
export function autoregressive(chains: number, draws: number, phi: number, seed: number): Float64Array[] {
  const next = uniforms(seed);
  return Array.from({ length: chains }, () => {
    let state = 0;
    return Float64Array.from({ length: draws }, () => {
      let sum = -6;
      for (let k = 0; k < 12; k++) sum += next();
      state = phi * state + sum;
      return state;
    });
  });
}

export const map = (chains: Chains, f: (x: number, chain: number) => number): Float64Array[] =>
  chains.map((chain, c) => chain.map((x) => f(x, c)));

/** Numpy rounds halves to even. */
function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** What ArviZ and R's posterior were given. */
export const ARRAYS: Readonly<Record<string, Chains>> = {
  independent: autoregressive(4, 100, 0, 1),
  autocorrelated: autoregressive(4, 200, 0.8, 2),
  antithetic: autoregressive(4, 150, -0.6, 3),
  shifted: map(autoregressive(4, 100, 0.3, 4), (x, c) => x + 0.5 * c),
  spread: map(autoregressive(4, 100, 0.3, 5), (x, c) => x * (c === 3 ? 3 : 1)),
  'odd length': autoregressive(3, 51, 0.5, 6),
  'one chain': autoregressive(1, 120, 0.7, 7),
  ties: map(autoregressive(2, 80, 0.4, 8), roundHalfEven),
  'heavy tail': map(autoregressive(4, 100, 0.2, 9), (x) => Math.tan((1.5 * x) / 4.5)),
};
