/** Writes bounds of a function's value at x to out[0] <= out[1]. */
export type PointBounds = (x: number, out: Float64Array) => void;

/** Somewhere within [left, right] the function may turn; there its values lie in [least, most]. */
export interface Turn {
  readonly left: number;
  readonly right: number;
  readonly least: number;
  readonly most: number;
}

/** A function of one variable that is monotone between its turns. */
export interface Curve {
  readonly bounds: PointBounds;
  readonly turns: readonly Turn[];
}

/** Writes bounds of all values over [a, b] to out[0] <= out[1]; NaN where a bound is not known. */
export type Range = (a: number, b: number, out: Float64Array) => void;

/** Both ends and the turns between them bound the values of a curve. */
export function rangeOf({ bounds, turns }: Curve): Range {
  return (a, b, out) => {
    bounds(a, out);
    let least = out[0];
    let most = out[1];
    if (b !== a) {
      bounds(b, out);
      least = Math.min(least, out[0]);
      most = Math.max(most, out[1]);
    }
    for (let t = 0; t < turns.length; t++) {
      const turn = turns[t];
      if (turn.right < a || turn.left > b) continue;
      least = Math.min(least, turn.least);
      most = Math.max(most, turn.most);
    }
    out[0] = least;
    out[1] = most;
  };
}

/** The turn of a function with slopes within [-steepest, steepest] at a point known to within 2^-46. */
export function turnAt(x: number, bounds: PointBounds, steepest: number): Turn {
  const out = new Float64Array(2);
  bounds(x, out);
  const uncertainty = 1.5e-14;
  return {
    left: x - uncertainty,
    right: x + uncertainty,
    least: out[0] - 2 * steepest * uncertainty,
    most: out[1] + 2 * steepest * uncertainty,
  };
}
