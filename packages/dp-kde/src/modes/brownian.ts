import { slopes, wipe } from '../features/histogram.ts';
import type { Mode, Term } from './mode.ts';
import { lawOf } from './scale.ts';
import { continued, tableLine } from './table.ts';

/**
 * The slope of F over every cell, each with Gaussian noise of one size, and (shared by all columns, see `release`) the number of rows. F
 * at the left end is half of what number and slopes add up to. The noise of F is then a Brownian path whose variance is the same at all
 * grid points. Proofs: README, theorem 2.
 *
 * A row changes the m slopes by whole numbers of at most `one` in size, so that their squares add up to at most m one^2.
 */
export const brownian: Mode = {
  blocks({ cells, one, adjacency, rowsPerUser }, privacy) {
    if (privacy.kind !== 'gaussian') throw new TypeError('brownian: needs a zCDP budget');
    // Under `replace` one sign turns: the change is twice as long.
    const squared = cells * one * one * (adjacency === 'replace' ? 4 : 1) * rowsPerUser ** 2;
    return [{ length: cells, law: lawOf('gaussian', squared / (2 * privacy.rho)) }];
  },

  addFeatures(out, histogram, rows, design) {
    const S = slopes(histogram, rows, design);
    for (let t = 0; t < S.length; t++) out[t] = (out[t] as number) + (S[t] as number);
    wipe(S);
  },

  line(values, [block], { cells, one }, rows) {
    const F = new Float64Array(cells + 1);
    let sum = 0;
    for (let t = 0; t < cells; t++) sum += values[t] as number;
    F[0] = (cells * one * rows - sum) / 2;
    for (let t = 0; t < cells; t++) F[t + 1] = (F[t] as number) + (values[t] as number);
    const law = block!.law;
    const terms = (u: number): Term[] => {
      const t = Math.min(Math.max(u / one, 0), cells);
      const fraction = t - Math.min(Math.floor(t), cells - 1);
      return [
        { weight: 0.5, law, times: cells - 1 },
        { weight: fraction - 0.5, law },
      ];
    };
    return tableLine(continued(F, rows, one), cells, one, terms);
  },
};
