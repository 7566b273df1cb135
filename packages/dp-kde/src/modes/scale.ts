import { ArgumentError } from '@x/linalg/errors';
import { type Law, MOST } from '../noise/law.ts';

/** Rounds a parameter of noise up to a whole number, by more than the error with which it was computed. */
export function lawOf(kind: Law['kind'], parameter: number): Law {
  const whole = Math.max(1, Math.ceil(parameter * (1 + 2 ** -40)));
  if (!(whole <= MOST[kind])) {
    throw new ArgumentError(
      `release: the noise would be as large as ${parameter}; the budget is too small for this resolution (fewer cells, or fewer fraction bits)`,
      'budget',
    );
  }
  return { kind, parameter: whole };
}
