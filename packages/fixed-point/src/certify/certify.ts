import { checkChoice } from '../check.ts';
import type { Box } from '../interval/box.ts';
import type { IntervalMap } from '../net/map.ts';
import { certifyBanach } from './banach.ts';
import { type Certificate, isCertificate, type NoCertificate } from './certificate.ts';
import { certifyKrawczyk } from './krawczyk.ts';

export interface CertifyOptions {
  /** `auto` (default) tries Banach's theorem, which says more, and then Krawczyk's, which holds for repelling points too. */
  readonly method?: 'auto' | 'banach' | 'krawczyk';
}

/**
 * Proves that a box holds exactly one fixed point, or none; or says why it cannot. Bounds are rounded outwards, so a certificate is a
 * proof about the exact function with the given weights, not about its floating-point values.
 *
 * @throws InvalidBoxError, ShapeError, NonFiniteError, ArgumentError.
 */
export function certify(map: IntervalMap, X: Box, options: CertifyOptions = {}): Certificate | NoCertificate {
  const { method = 'auto' } = options;
  checkChoice('certify', 'method', method, ['auto', 'banach', 'krawczyk']);
  if (method === 'krawczyk') return certifyKrawczyk(map, X);
  const banach = certifyBanach(map, X);
  if (method === 'banach' || isCertificate(banach) || banach.status === 'empty') return banach;
  const krawczyk = certifyKrawczyk(map, X);
  if (krawczyk.status !== 'unknown') return krawczyk;
  return { ...banach, reason: `${banach.reason}; ${krawczyk.reason}` };
}
