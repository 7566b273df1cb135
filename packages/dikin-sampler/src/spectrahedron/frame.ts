import { type Csr, csrMultiply } from '@x/linalg';
import type { Quadratic } from '../center.ts';
import type { Density } from '../density.ts';
import { UnboundedBodyError } from '../errors.ts';
import { pullBack, softThreshold, userEnergy } from '../frame.ts';
import { affine } from '../sparse.ts';
import { logDet } from './log-det.ts';
import { type LogDetCenter, minimizeLogDet } from './newton.ts';
import { centredAt, type Pencil } from './pencil.ts';
import type { PreparedSpectrahedron } from './prepare.ts';

/**
 * The coordinates w that walks in a spectrahedron run in: S(w) = S0 + sum_j w_j B_j with w = 0 at the minimiser of barrier plus f, and
 * x = origin + map w. The matrices stay as sparse as they were given: the walks carry the metric at the centre themselves.
 */
export interface SpectralFrame {
  readonly pencil: Pencil;
  readonly quadratic: Quadratic | undefined;
  /** What a user's density adds to f, in these coordinates. */
  readonly energy?: (w: Float64Array) => number;
  /** M of the soft threshold in the Dikin metric, d x d. */
  readonly soft?: Float64Array;
  /** Lower Cholesky factor, d x d, of the Hessian of barrier plus f at w = 0. */
  readonly factor: Float64Array;
  readonly origin: Float64Array;
  readonly map: Csr;
}

/**
 * The frame around the minimiser of barrier plus f, where f is quadratic or linear; for a user's density around the analytic centre.
 *
 * @throws NotConvergedError where rounding puts the minimiser outside; UnboundedBodyError where the density does not fall along a ray.
 */
export function spectralFrameOf(prepared: PreparedSpectrahedron, density: Density): SpectralFrame {
  const { pencil, origin, basis } = prepared;
  const f = pullBack(density, origin, basis);
  // Where the body was allowed to be unbounded its centre is not that of the barrier alone, and f is there.
  const { point, factor } = f === undefined ? { point: prepared.center, factor: prepared.factor } : minimiser(prepared, f);
  const start = affine(origin, basis, point);
  const quadratic = pullBack(density, start, basis);
  const soft = softThreshold(density, quadratic, basis);
  return {
    pencil: centredAt(pencil, point),
    quadratic,
    ...(density.kind === 'logConcave' && { energy: userEnergy(density, start, basis) }),
    ...(soft && { soft }),
    factor,
    origin: start,
    map: basis,
  };
}

function minimiser({ pencil, center, basis }: PreparedSpectrahedron, f: Quadratic): LogDetCenter {
  const found = minimizeLogDet(logDet(pencil), pencil, center, { f });
  if ('factor' in found) return found;
  throw new UnboundedBodyError(
    'sample: the body is unbounded, and the density does not fall along a ray of it',
    csrMultiply(basis, found.ray),
  );
}

/** x = origin + map w. */
export function unfoldFrom({ origin, map }: SpectralFrame, w: Float64Array, x: Float64Array): void {
  const moved = csrMultiply(map, w);
  for (let i = 0; i < x.length; i++) x[i] = origin[i]! + moved[i]!;
}
