import { addScaled } from './vectors.ts';

/** The best point that a method has seen, to go back to when its steps lead astray. */
export interface Anchor {
  /** The least residual so far, where it was found, and f - x there. */
  readonly norm: number;
  readonly x: Float64Array;
  readonly r: Float64Array;
  /** Notes a point; true where it is the best so far. */
  note(x: Float64Array, r: Float64Array, norm: number): boolean;
  /**
   * Writes a damped step from the best point, shorter each time that nothing better has been found since.
   *
   * @returns a reason to stop when there is no point, or the steps have become too short to matter.
   */
  retreat(point: Float64Array): 'plain' | 'stagnated' | 'diverged';
}

const MOST_RETREATS = 20;

export function anchor(dimension: number, damping: number): Anchor {
  const x = new Float64Array(dimension);
  const direction = new Float64Array(dimension);
  let best = Infinity;
  let retreats = 0;
  return {
    x,
    r: direction,
    get norm() {
      return best;
    },
    note(point, r, norm) {
      if (!(norm < best)) return false;
      best = norm;
      retreats = 0;
      x.set(point);
      direction.set(r);
      return true;
    },
    retreat(point) {
      if (best === Infinity) return 'diverged';
      if (retreats > MOST_RETREATS) return 'stagnated';
      point.set(x);
      addScaled(point, damping * 0.5 ** retreats++, direction);
      return 'plain';
    },
  };
}
