import type { Rng } from '@x/linalg';
import { checkChoice } from '../check.ts';
import type { Frame } from '../frame.ts';
import { autoWalk, cdhrWalk, hitAndRunWalk } from './cdhr.ts';
import { type DikinOptions, dikinWalk } from './dikin.ts';
import type { PolytopeWalk, StepKind } from './polytope-walk.ts';

/** A walk in polytopes by its name, or one with a metric and how that is made. */
export type WalkChoice = StepKind | ({ readonly kind: 'dikin' | 'auto' } & Omit<DikinOptions, 'makeKernel'>);

const WALKS = { auto: autoWalk, cdhr: cdhrWalk, dikin: dikinWalk, hitAndRun: hitAndRunWalk } as const;

/** The name of a choice. @throws ArgumentError where there is no such walk. */
export function walkKind(choice: WalkChoice): StepKind {
  const kind = typeof choice === 'string' ? choice : choice.kind;
  checkChoice('sample', 'walk', kind, Object.keys(WALKS) as StepKind[]);
  return kind;
}

export function makeWalk(choice: WalkChoice, frame: Frame, rng: Rng): PolytopeWalk {
  return WALKS[walkKind(choice)](frame, rng, typeof choice === 'string' ? {} : choice);
}
