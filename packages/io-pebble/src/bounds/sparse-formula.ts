import { type Memory, type Problem, settingOf } from '../advisor/problem.ts';
import { touched } from '../masks/mask.ts';
import { pairsOf } from '../schedules/phases.ts';

/**
 * The paper's formula for masks, min(Z_in^2 / M, Z_in sqrt(Z / M)) with Z_in the entries of Q or K (the fewer) that some allowed pair uses,
 * and Z the allowed pairs.
 *
 * It is NOT a lower bound for a given mask, only for the worst one with these counts: for a sliding window of 129 keys, 2^20 tokens and
 * 2^15 words the schedule `flash2` moves less than a tenth of it. Compare, never assert.
 *
 * @throws ArgumentError.
 * Source: arXiv 2410.09397, as recalled; the counter-example is ours and a test.
 */
export function sparseFormula(problem: Problem, memory: Memory): number {
  const { shape, times, M } = settingOf('sparseFormula', problem, memory);
  const { distinctQueries, distinctKeys } = touched(shape.nq, shape.nk, shape.mask, 1, 1);
  const entries = Math.min(distinctQueries, distinctKeys) * shape.d;
  return times * Math.min(entries ** 2 / M, entries * Math.sqrt(pairsOf(shape) / M));
}
