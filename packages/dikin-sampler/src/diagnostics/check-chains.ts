import { NonFiniteError, ShapeError } from '@x/linalg';
import type { Chains } from './transform.ts';

/** @throws ShapeError unless there are chains, all of one length of at least 1; NonFiniteError naming chain and draw. */
export function checkChains(operation: string, chains: Chains): void {
  const length = chains[0]?.length ?? 0;
  if (length === 0) throw new ShapeError(`${operation}: there are no draws; at least one chain with a draw is needed`);
  for (const [c, chain] of chains.entries()) {
    if (chain.length !== length) {
      throw new ShapeError(`${operation}: chain ${c} has ${chain.length} draws and chain 0 has ${length}; all need as many`);
    }
    const bad = chain.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0)
      throw new NonFiniteError(`${operation}: draw ${bad} of chain ${c} is ${chain[bad]}; draws must be finite`, 'chains', [c, bad]);
  }
}
