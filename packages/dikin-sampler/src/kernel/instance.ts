import { cosPi, exp, log, sinPi } from '@x/linalg';
import { type Imports, instantiate, instantiateFallback, type Kernel } from '../generated/instance.ts';

export type { Kernel } from '../generated/instance.ts';

/** What the kernels import; the elementary functions for the fallback alone. `energy` is the host's part of f at an address. */
const importsOf = (energy: (w: number) => number): Imports => ({ energy, exp, log, sinPi, cosPi });

const none = (): number => 0;

/** A kernel with a memory of its own. */
export const newKernel = (energy: (w: number) => number = none): Kernel => instantiate(importsOf(energy));

/** The plain fallback. */
export const plainKernel = (energy: (w: number) => number = none): Kernel => instantiateFallback(importsOf(energy));
