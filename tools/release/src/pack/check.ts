import type { Result } from '../results.ts';

/** A named check that passes when nothing speaks against it. */
export function check(name: string, objections: readonly string[]): Result {
  return objections.length === 0 ? { name, outcome: 'passed' } : { name, outcome: 'failed', detail: objections.join('; ') };
}
