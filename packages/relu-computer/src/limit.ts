import { checkChoice } from './arguments.ts';
import { StepLimitError } from './errors.ts';
import type { RunOptions, RunResult } from './machine.ts';

export function checkOnLimit(operation: string, onLimit: RunOptions['onLimit']): void {
  if (onLimit !== undefined) checkChoice(operation, 'onLimit', onLimit, ['return', 'throw']);
}

/** What a run that has taken all its steps comes to. @throws StepLimitError where that is wanted. */
export function atLimit(operation: string, steps: number, onLimit: RunOptions['onLimit']): RunResult {
  if (onLimit !== 'throw') return { steps, reason: 'limit' };
  throw new StepLimitError(`${operation}: stopped after ${steps} steps, before the program had halted`, steps);
}
