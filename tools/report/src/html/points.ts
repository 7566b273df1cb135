import type { Series } from '../experiment.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
  /** The band's other edge; equal to `y` elsewhere. */
  readonly y2: number;
}

/** A series as it is drawn: what cannot be drawn is NaN, which Plot leaves out as a gap. */
export interface Points {
  readonly kind: Series['kind'];
  readonly points: readonly Point[];
  /** One point in so many is drawn; more than 1 for a long series of points. */
  readonly every: number;
}

/** What a drawing of 620 units can show; the JSON file holds all points. */
const LIMIT = 2000;

/** Reads a series, with a gap for what is not finite or, on a log axis, not positive; thins it when it is long. */
export function readPoints({ kind, x, y, y2 }: Series, logX: boolean, logY: boolean): Points {
  const all = Array.from({ length: y.length }, (_, i): Point => {
    const horizontal = kind === 'rule' ? Number.NaN : drawable(x[i], logX);
    const vertical = drawable(y[i], logY);
    const other = kind === 'band' ? drawable(y2?.[i], logY) : vertical;
    const whole = (kind === 'rule' || !Number.isNaN(horizontal)) && !Number.isNaN(other);
    return { x: horizontal, y: whole ? vertical : Number.NaN, y2: other };
  });
  if (all.length <= LIMIT || kind === 'bars') return { kind, points: all, every: 1 };
  if (kind === 'points') {
    const every = Math.ceil(all.length / LIMIT);
    return { kind, points: all.filter((_, i) => i % every === 0), every };
  }
  return { kind, points: extremes(all), every: 1 };
}

function drawable(value: number | undefined, log: boolean): number {
  return value !== undefined && Number.isFinite(value) && (!log || value > 0) ? value : Number.NaN;
}

/** Keeps the lowest and the highest point of each stretch, so that no spike is lost, and one point of each gap. */
function extremes(points: readonly Point[]): Point[] {
  const stretch = Math.ceil((2 * points.length) / LIMIT);
  const kept = new Set<Point>();
  for (let start = 0; start < points.length; start += stretch) {
    let low: Point | undefined;
    let high: Point | undefined;
    let gap: Point | undefined;
    for (let i = start; i < Math.min(start + stretch, points.length); i++) {
      const point = points[i] as Point;
      if (Number.isNaN(point.y)) gap ??= point;
      else {
        if (!low || point.y < low.y) low = point;
        if (!high || Math.max(point.y, point.y2) > Math.max(high.y, high.y2)) high = point;
      }
    }
    for (const point of [low, high, gap]) if (point) kept.add(point);
  }
  return points.filter((point) => kept.has(point));
}
