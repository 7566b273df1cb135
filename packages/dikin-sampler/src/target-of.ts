import { type PolytopeOptions, polytopeTarget } from './polytope-target.ts';
import type { Prepared } from './prepare/prepare.ts';
import type { Target } from './target.ts';

/** What can be sampled. */
export type Body = Prepared;

/** How to walk in it; options that a kind of body has no use for are refused by its target. */
export type WalkOptions = PolytopeOptions;

/** The target of any kind of body: the one place that tells kinds apart. */
export function targetOf(body: Body, options: WalkOptions): Target {
  return polytopeTarget(body, options);
}
