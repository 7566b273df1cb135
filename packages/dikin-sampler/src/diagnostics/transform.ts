import { normalQuantile } from './normal-quantile.ts';

/** Draws of one quantity: one array of equal length for each chain. */
export type Chains = readonly Float64Array[];

/** Each chain as its first and its second half; of an odd number of draws the middle one is left out. */
export function split(chains: Chains): Chains {
  return chains.flatMap((chain) => {
    const half = Math.floor(chain.length / 2);
    return [chain.subarray(0, half), chain.subarray(chain.length - half)];
  });
}

/** The rank of each draw among all draws, from 1; equal draws share the average of their ranks. */
export function ranks(chains: Chains): Chains {
  const pooled = pool(chains);
  const size = pooled.length;
  const order = Uint32Array.from(pooled.keys()).sort((i, j) => pooled[i]! - pooled[j]!);
  const found = new Float64Array(size);
  for (let from = 0; from < size; ) {
    let to = from + 1;
    while (to < size && pooled[order[to]!] === pooled[order[from]!]) to++;
    for (let k = from; k < to; k++) found[order[k]!] = (from + 1 + to) / 2;
    from = to;
  }
  return reshape(found, chains);
}

/** Replaces each draw by the normal quantile of its rank among all draws, Phi^{-1}((rank - 3/8) / (S + 1/4)). */
export function rankNormalize(chains: Chains): Chains {
  const size = chains.reduce((sum, chain) => sum + chain.length, 0);
  return ranks(chains).map((chain) => chain.map((rank) => normalQuantile((rank - 3 / 8) / (size + 1 / 4))));
}

/** |x - median|, which turns differences in spread into differences in location. */
export function fold(chains: Chains): Chains {
  const median = quantile(pool(chains).sort(), 0.5);
  return chains.map((chain) => chain.map((x) => Math.abs(x - median)));
}

/** 1 where a draw is at most the p-quantile of all draws, else 0. */
export function below(chains: Chains, p: number): Chains {
  const threshold = quantile(pool(chains).sort(), p);
  return chains.map((chain) => chain.map((x) => (x <= threshold ? 1 : 0)));
}

/** The p-quantile of sorted values, linear between order statistics (type 7 of Hyndman and Fan 1996). */
export function quantile(sorted: Float64Array, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}

/** All draws in one array. */
export function pool(chains: Chains): Float64Array {
  const pooled = new Float64Array(chains.reduce((sum, chain) => sum + chain.length, 0));
  let at = 0;
  for (const chain of chains) {
    pooled.set(chain, at);
    at += chain.length;
  }
  return pooled;
}

function reshape(pooled: Float64Array, like: Chains): Chains {
  let end = 0;
  return like.map((chain) => {
    end += chain.length;
    return pooled.subarray(end - chain.length, end);
  });
}
