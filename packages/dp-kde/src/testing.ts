import { philox, type Rng } from '@x/linalg';
import { BitPool } from './noise/source.ts';
import { withBits } from './oracle/bits.ts';

export { auditBlackBox, type BlackBoxOptions, type BlackBoxResult } from './audit/black-box.ts';
export { auditNoiseLaw, type NoiseLawOptions, type NoiseLawResult } from './audit/noise-law.ts';
export { auditSensitivity, type SensitivityOptions, type SensitivityResult } from './audit/sensitivity.ts';

/**
 * Runs `work` with noise from a seed instead of the system's secure source: for tests and for experiments that can be repeated. What is
 * released inside protects nobody; it says so (`oracle.private` is false), and so do its bytes (NOT PRIVATE).
 *
 * @param seed - a whole number in [0, 2^53).
 * @param work - synchronous: the usual source is back when it returns.
 */
export function withSeededNoise<R>(seed: number, work: () => R): R {
  const rng = philox(seed);
  let release = 0;
  return withBits(() => seededBits(rng.split(release++)), work);
}

function seededBits(rng: Rng): BitPool {
  return new BitPool(
    (words) => {
      for (let i = 0; i < words.length; i++) words[i] = rng.nextUint32();
    },
    false,
    64,
  );
}
