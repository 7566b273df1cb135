import type { Design } from '../design.ts';
import { addColumn, emptyHistogram } from '../features/histogram.ts';
import { lengthOf, modeOf, type Plan } from '../oracle/plan.ts';

/** What a release would consist of without noise, number by number. */
export function exactNumbers(points: ArrayLike<number>, design: Design, plan: Plan): Float64Array {
  const d = design.bounds.length;
  const rows = points.length / d;
  const mode = modeOf(plan.mechanism, plan.alpha);
  const columns = design.bounds.map((bounds, j) => {
    const histogram = emptyHistogram(design);
    addColumn(histogram, points, j, d, rows, bounds, design);
    const out = new Float64Array(lengthOf(plan.columns[j]!));
    mode.addFeatures(out, histogram, rows, design);
    return out;
  });
  return Float64Array.from([...plan.shared.map(() => rows * design.one), ...columns.flatMap((values) => [...values])]);
}
