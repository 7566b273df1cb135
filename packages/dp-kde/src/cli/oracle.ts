import { type Positional, readBytes, UsageError } from '@x/cli';
import { type BudgetOptions, DistanceOracle } from '../index.ts';

export const ORACLE: Positional = { name: 'ORACLE', help: 'what build wrote; - is stdin' };

export async function readOracle(path: string | undefined): Promise<DistanceOracle> {
  return DistanceOracle.fromBytes(await readBytes(path as string));
}

export const BUDGET = {
  epsilon: { type: 'number', min: 1e-9, help: 'pure differential privacy, or approximate with --delta' },
  delta: { type: 'number', min: 1e-300, max: 0.999, help: 'of approximate differential privacy' },
  rho: { type: 'number', min: 1e-9, help: 'zero-concentrated differential privacy, instead of --epsilon' },
} as const;

interface Given {
  readonly epsilon: number | undefined;
  readonly delta: number | undefined;
  readonly rho: number | undefined;
}

export function budgetOf({ epsilon, delta, rho }: Given): BudgetOptions {
  if ((epsilon === undefined) === (rho === undefined)) throw new UsageError('give --epsilon (with --delta or without) or --rho');
  if (rho !== undefined && delta !== undefined) throw new UsageError('--delta belongs to --epsilon');
  return rho === undefined ? { epsilon: epsilon as number, ...(delta === undefined ? {} : { delta }) } : { rho };
}
