import { ArgumentError } from '@x/linalg';
import { type PolytopeOptions, polytopeTarget } from './polytope-target.ts';
import type { Prepared } from './prepare/prepare.ts';
import type { PreparedSpectrahedron } from './spectrahedron/prepare.ts';
import { type SpectrahedronOptions, spectrahedronTarget } from './spectrahedron/target.ts';
import type { Target } from './target.ts';

/** What can be sampled. */
export type Body = Prepared | PreparedSpectrahedron;

/** How to walk in it; options that a kind of body has no use for are refused by its target. */
export type WalkOptions = Omit<PolytopeOptions, 'walk'> &
  Omit<SpectrahedronOptions, 'walk'> & { readonly walk?: NonNullable<PolytopeOptions['walk'] | SpectrahedronOptions['walk']> };

/** The target of any kind of body: the one place that tells kinds apart. */
export function targetOf(body: Body, options: WalkOptions): Target {
  if (typeof body !== 'object' || body === null || !('body' in body)) {
    throw new ArgumentError('sample: body is not prepared; give what prepare or prepareSpectrahedron returned', 'body');
  }
  return 'pencil' in body ? spectrahedronTarget(body, options as SpectrahedronOptions) : polytopeTarget(body, options as PolytopeOptions);
}
