/** A column answered without noise, and with noise of our own: what the modes do between the rows and the answers. */
import { type Design, type DesignOptions, designOf } from '../src/design.ts';
import { addColumn, emptyHistogram, type Histogram } from '../src/features/histogram.ts';
import type { Line, Mode, Privacy } from '../src/modes/mode.ts';
import { lengthOf, type Mechanism, modeOf } from '../src/oracle/plan.ts';

export function design(options: Partial<DesignOptions> = {}): Design {
  return designOf('test', { bounds: [[0, 1]], resolution: 16, fractionBits: 4, ...options });
}

function histogramOf(x: ArrayLike<number>, one: Design): Histogram {
  const histogram = emptyHistogram(one);
  addColumn(histogram, x, 0, 1, x.length, one.bounds[0]!, one);
  return histogram;
}

function privacyOf(mechanism: Mechanism): Privacy {
  return mechanism === 'brownian' ? { kind: 'gaussian', rho: 1 } : { kind: 'laplace', epsilon: 1 };
}

/** The exact released numbers of some rows. */
export function featuresOf(mode: Mode, x: ArrayLike<number>, one: Design, privacy: Privacy): Float64Array {
  const out = new Float64Array(lengthOf(mode.blocks(one, privacy)));
  mode.addFeatures(out, histogramOf(x, one), x.length, one);
  return out;
}

/** The first column's line without noise. */
export function noiseless(mechanism: Mechanism, x: ArrayLike<number>, one: Design, alpha = 0.1): Line {
  const mode = modeOf(mechanism, alpha);
  const privacy = privacyOf(mechanism);
  return mode.line(featuresOf(mode, x, one, privacy), mode.blocks(one, privacy), one, x.length);
}
