import { anderson } from './anderson.ts';
import { broyden } from './broyden.ts';
import type { Method, Problem, Stepper } from './contract.ts';
import { aitken, mpe, rre, sea, vea } from './extrapolation.ts';
import { newton } from './newton.ts';
import { newtonGmres } from './newton-gmres.ts';
import { damped, picard } from './picard.ts';
import { squarem } from './squarem.ts';

interface Entry {
  readonly make: (problem: Problem) => Stepper;
  /** Default memory; Infinity where the method has none. */
  readonly memory: number;
  readonly damping: number;
}

/** Every method with its defaults. */
export const TABLE: Readonly<Record<Exclude<Method, 'auto'>, Entry>> = {
  picard: { make: picard, memory: 1, damping: 1 },
  damped: { make: damped, memory: 1, damping: 0.5 },
  anderson: { make: anderson, memory: 10, damping: 1 },
  broyden: { make: broyden, memory: 100, damping: 1 },
  newton: { make: newton, memory: 1, damping: 1 },
  'newton-gmres': { make: newtonGmres, memory: 30, damping: 1 },
  aitken: { make: aitken, memory: 2, damping: 1 },
  mpe: { make: mpe, memory: 6, damping: 1 },
  rre: { make: rre, memory: 6, damping: 1 },
  sea: { make: sea, memory: 6, damping: 1 },
  vea: { make: vea, memory: 6, damping: 1 },
  squarem: { make: squarem, memory: 2, damping: 1 },
};
