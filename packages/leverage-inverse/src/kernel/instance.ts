import { cosPi, exp, log, sinPi } from '@x/linalg';
import { type Imports, instantiate, instantiateFallback, type Kernel } from '../generated/instance.ts';

export type { Kernel } from '../generated/instance.ts';

/** What the kernels import; the elementary functions for the fallback alone. */
const IMPORTS: Imports = { exp, log, sinPi, cosPi };

/** A kernel with a memory of its own. */
export const newKernel = (): Kernel => instantiate(IMPORTS);

/** The plain fallback. */
export const plainKernel = (): Kernel => instantiateFallback(IMPORTS);
