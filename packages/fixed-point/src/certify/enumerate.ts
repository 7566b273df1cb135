import { AbortedError } from '@x/linalg';
import { checkFunction, checkRange, checkWhole } from '../check.ts';
import { areDisjoint, type Box, checkBox, hull, inflated, intersection, isInside, isInterior, widest } from '../interval/box.ts';
import type { IntervalMap } from '../net/map.ts';
import { pause } from '../pause.ts';
import { noiseRadiusOf } from './banach.ts';
import { type Certificate, isCertificate } from './certificate.ts';
import { rangeOver } from './evaluate.ts';
import { certificateOf, certifyKrawczyk, krawczykStep } from './krawczyk.ts';

export interface EnumerateOptions {
  /** Boxes narrower than this are not split any more. Default 1e-6 of the box's widest side. */
  readonly minWidth?: number;
  /** Boxes looked at, at most. Default 1e6. */
  readonly maxBoxes?: number;
  readonly signal?: AbortSignal;
  /** Called now and then with the share of the volume that is done. */
  readonly onProgress?: (fraction: number) => void;
}

export interface Enumeration {
  /** One certificate for each fixed point that lies in the box, in the order of their places. */
  readonly points: readonly Certificate[];
  /** Points so close to the surface of the box that rounding leaves open on which side. */
  readonly boundary: readonly Certificate[];
  /** Boxes in which nothing was proved, as around a fixed point where I - J is singular; neighbours that touch are joined. */
  readonly undecided: readonly Box[];
  /** Whether all fixed points of the box are among `points` and `boundary`: nothing is undecided. */
  readonly complete: boolean;
  /** Boxes looked at. */
  readonly boxes: number;
}

/** A box is replaced by its part that f or Krawczyk's operator leaves when a side loses this share. */
const WORTHWHILE = 0.1;
/** Off the middle, so that fixed points at places like 0 do not lie on cuts. */
const CUT = 0.493;
/** Krawczyk's theorem is tried on a box this much larger, so that points near its surface, or on it, are inside. */
const MARGIN = 0.01;
/** What is narrow is inflated by these, against its place, before it is given up: f may have contracted it to nothing around a point. */
const INFLATIONS = [1e-9, 1e-7, 1e-5];
const PAUSE_MS = 30;

/**
 * Finds every fixed point in a box, attracting or not, with a proof that there are no others: branch and prune. A box is dropped when f, or
 * Krawczyk's operator, maps it off itself; shrunk to what they leave; accepted when Krawczyk's theorem finds one fixed point; else cut in two.
 *
 * The promise gives up its turn now and then.
 *
 * @throws InvalidBoxError, ShapeError, NonFiniteError, ArgumentError; AbortedError when `signal` fires, with an Enumeration in `partial`.
 * Cost: exponential in d; with well separated points about 3.3^d boxes of O(d^3) each.
 */
export async function enumerateFixedPoints(map: IntervalMap, X: Box, options: EnumerateOptions = {}): Promise<Enumeration> {
  const region = checkBox('enumerateFixedPoints', X, map.dimension);
  const { maxBoxes = 1e6, minWidth = 1e-6 * widest(region).width, signal, onProgress } = options;
  checkWhole('enumerateFixedPoints', 'maxBoxes', maxBoxes, 1);
  checkRange('enumerateFixedPoints', 'minWidth', minWidth, 0);
  if (onProgress !== undefined) checkFunction('enumerateFixedPoints', 'onProgress', onProgress);
  const open: { readonly box: Box; readonly share: number }[] = [{ box: region, share: 1 }];
  const found: Certificate[] = [];
  const undecided: Box[] = [];
  let boxes = 0;
  let done = 0;
  let resumed = Date.now();
  const result = () => resultOf(map, region, found, [...undecided, ...open.map(({ box }) => box)], boxes);

  while (open.length > 0 && boxes < maxBoxes) {
    if (Date.now() - resumed > PAUSE_MS) {
      onProgress?.(done);
      await pause();
      resumed = Date.now();
    }
    if (signal?.aborted) throw new AbortedError(`enumerateFixedPoints: aborted after ${boxes} boxes`, result());
    const { box, share } = open.pop() as { box: Box; share: number };
    boxes++;
    const outcome = examine(map, box, minWidth);
    if (outcome === 'undecided') undecided.push(box);
    else if (Array.isArray(outcome)) {
      for (const part of outcome) open.push({ box: part, share: share / outcome.length });
      continue;
    } else if (outcome !== 'empty') found.push(outcome);
    done += share;
  }
  return result();
}

/** What a box holds: nothing, one certified point, or unknown; or the boxes that take its place. */
function examine(map: IntervalMap, X: Box, minWidth: number): 'empty' | 'undecided' | Certificate | Box[] {
  const parts = halves(X);
  const narrow = parts === undefined || widest(X).width <= minWidth;
  const left = intersection(rangeOver(map, X), X);
  if (left === undefined) return 'empty';
  if (!narrow && shrinks(left, X)) return [left];
  const larger = inflated(X, MARGIN, 1e-12);
  const step = krawczykStep(map, larger);
  if (step !== undefined) {
    const rest = intersection(step.image, X);
    if (rest === undefined) return 'empty';
    if (isInterior(step.image, larger)) return pointIn(map, larger, step);
    if (!narrow && shrinks(rest, X)) return [rest];
  }
  if (!narrow) return parts;
  for (const inflation of INFLATIONS) {
    const around = inflated(X, 1, inflation);
    const again = krawczykStep(map, around);
    if (again !== undefined && isInterior(again.image, around)) return pointIn(map, around, again);
  }
  return 'undecided';
}

function pointIn(map: IntervalMap, box: Box, step: Parameters<typeof certificateOf>[2]): Certificate {
  const image = rangeOver(map, box);
  return certificateOf(map, box, step, isInside(image, box) ? noiseRadiusOf(image, box) : 0);
}

function shrinks(part: Box, whole: Box): boolean {
  return part.lower.some((l, i) => part.upper[i] - l < (1 - WORTHWHILE) * (whole.upper[i] - whole.lower[i]));
}

/** The two parts of a box; undefined where no number lies between its sides. */
function halves(X: Box): Box[] | undefined {
  const { coordinate } = widest(X);
  const at = X.lower[coordinate] + CUT * (X.upper[coordinate] - X.lower[coordinate]);
  if (!(X.lower[coordinate] < at && at < X.upper[coordinate])) return undefined;
  const upper = X.upper.slice();
  const lower = X.lower.slice();
  upper[coordinate] = at;
  lower[coordinate] = at;
  return [
    { lower: X.lower, upper },
    { lower, upper: X.upper },
  ];
}

function resultOf(map: IntervalMap, region: Box, found: readonly Certificate[], open: readonly Box[], boxes: number): Enumeration {
  const undecided = [...open];
  const distinct = withoutDuplicates(map, found, undecided).filter(({ enclosure }) => !areDisjoint(enclosure, region));
  const isSafe = ({ enclosure }: Certificate) => isInside(enclosure, region);
  return {
    points: distinct.filter(isSafe),
    boundary: distinct.filter((point) => !isSafe(point)),
    undecided: joined(undecided),
    complete: undecided.length === 0,
    boxes,
  };
}

/** Boxes that touch may have found the same point twice; where that stays open, the place is undecided. Sorted by the first coordinates. */
function withoutDuplicates(map: IntervalMap, found: readonly Certificate[], undecided: Box[]): Certificate[] {
  const sorted = [...found].sort((a, b) => compare(a.enclosure.lower, b.enclosure.lower));
  const kept: Certificate[] = [];
  for (const [i, point] of sorted.entries()) {
    let duplicate = false;
    for (const other of kept) {
      if (areDisjoint(point.enclosure, other.enclosure)) continue;
      const both = hull(point.enclosure, other.enclosure);
      // A box with exactly one fixed point that holds both enclosures makes them one.
      duplicate = isInside(both, other.box) || isInside(both, point.box) || isCertificate(certifyKrawczyk(map, inflated(both, 1, 1e-12)));
      if (duplicate) break;
      undecided.push(both);
    }
    if (!duplicate) kept.push(sorted[i]);
  }
  return kept;
}

function compare(a: Float64Array, b: Float64Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/** Joins boxes that touch into their hulls, until none do. */
function joined(boxes: readonly Box[]): Box[] {
  const result: Box[] = [];
  for (let next of boxes) {
    for (let k = 0; k < result.length; ) {
      if (areDisjoint(result[k], next)) k++;
      else {
        next = hull(next, result[k]);
        result.splice(k, 1);
        k = 0;
      }
    }
    result.push(next);
  }
  return result;
}
