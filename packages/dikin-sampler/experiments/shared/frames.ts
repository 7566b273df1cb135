import { csrFromTriplets, type Frame } from '@x/dikin-sampler';

/** The frame {w : rows w <= slack} with x = w, made by hand where preparing would merge what is to be studied. */
export function frameOfRows(rows: readonly (readonly number[])[], slack: readonly number[]): Frame {
  const d = rows[0]!.length;
  const axes = Array.from({ length: d }, (_, j) => j);
  const at = rows.flatMap((row, i) => row.flatMap((value, j) => (value === 0 ? [] : [{ i, j, value }])));
  return {
    dimension: d,
    A: csrFromTriplets(
      rows.length,
      d,
      at.map(({ i }) => i),
      at.map(({ j }) => j),
      at.map(({ value }) => value),
    ),
    slack: Float64Array.from(slack),
    quadratic: undefined,
    origin: new Float64Array(d),
    map: csrFromTriplets(d, d, axes, axes, new Float64Array(d).fill(1)),
  };
}

const unit = (d: number, j: number, value: number) => Array.from({ length: d }, (_, k) => (k === j ? value : 0));

/** [-half, half]^d, every facet `copies` times. */
export function cubeFrame(d: number, copies = 1, half = 1): Frame {
  const facets = Array.from({ length: d }, (_, j) => [unit(d, j, 1), unit(d, j, -1)]).flat();
  const rows = Array.from({ length: copies }, () => facets).flat();
  return frameOfRows(
    rows,
    rows.map(() => half),
  );
}

/** The simplex {x >= 0, sum x <= 1} seen from its centroid. */
export function simplexFrame(d: number): Frame {
  const rows = [...Array.from({ length: d }, (_, j) => unit(d, j, -1)), new Array<number>(d).fill(1)];
  return frameOfRows(
    rows,
    rows.map(() => 1 / (d + 1)),
  );
}
