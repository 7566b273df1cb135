import type { Certificate } from '../certify/certificate.ts';
import type { ProductCertificate } from '../certify/product.ts';
import { add, between, type Fixed, fixed, join, multiply, size, subtract, UNIT, ZERO } from './fixed.ts';
import { type ExactNet, exactNet, extension, isChain, type NetData, tightExtension } from './net.ts';
import { attractionOf, inBasis } from './spectrum.ts';

export interface Verification {
  readonly valid: boolean;
  /** What failed first; empty when all holds. */
  readonly reason: string;
}

/**
 * Checks a certificate against the network by other means than those which made it: whole-number arithmetic with 200 binary places, its own
 * series for e^x and the normal distribution, its own bounds of activations by branch and bound. The only code in common is the
 * types. Everything that a certificate claims is checked: the fixed point, its uniqueness and enclosure, contraction, attraction, noise.
 *
 * @param net - a LoopedNet, or its data.
 * @returns valid, or the first claim that does not hold or cannot be confirmed.
 * Cost: as the certificate's, some thousand times slower an operation.
 */
export function verifyCertificate(net: NetData, certificate: Certificate | ProductCertificate): Verification {
  const reason = firstFault(net, certificate);
  return { valid: reason === '', reason };
}

function firstFault(net: NetData, certificate: Certificate | ProductCertificate): string {
  try {
    if (!isChain(net)) return 'the layers of the network do not follow each other';
    const exact = exactNet(net);
    if (exact === undefined) return 'the network has an activation that is not known';
    return certificate.kind === 'product' ? checkProduct(net, exact, certificate) : checkSingle(exact, certificate);
  } catch (error) {
    // Whole numbers have a largest size, and what came from elsewhere need not have the fields of a certificate.
    if (error instanceof RangeError) return 'its numbers, or those of the network, are not finite or too large to be checked';
    if (error instanceof TypeError) return 'it has not the form of a certificate';
    throw error;
  }
}

type Sides = { readonly lower: ArrayLike<number>; readonly upper: ArrayLike<number> };

/** The sides of a box; undefined where they are not d intervals. */
function sidesOf({ lower, upper }: Sides, count: number): Fixed[] | undefined {
  if (lower.length !== count || upper.length !== count) return undefined;
  const sound = Array.from(lower).every((l, i) => Number.isFinite(l) && Number.isFinite(upper[i]) && l <= upper[i]);
  return sound ? Array.from(lower, (l, i) => between(l, upper[i])) : undefined;
}

/** Whether what `inner` encloses surely lies in [l, u], with room for eta on both sides. */
function fits(inner: Fixed, l: number, u: number, eta: Fixed = ZERO): boolean {
  return inner.lo - eta.hi >= fixed(l).hi && inner.hi + eta.hi <= fixed(u).lo;
}

function allFit(inner: readonly Fixed[], { lower, upper }: Sides, eta?: Fixed): boolean {
  return inner.every((v, i) => fits(v, lower[i], upper[i], eta));
}

function allInterior(inner: readonly Fixed[], { lower, upper }: Sides): boolean {
  return inner.every((v, i) => v.lo > fixed(lower[i]).hi && v.hi < fixed(upper[i]).lo);
}

/** sum_j |A_ij| w_j <= K w_i for every row, with K < 1. */
function contracts(A: readonly (readonly Fixed[])[], K: number | undefined, weights: ArrayLike<number>): boolean {
  if (K === undefined || !(K >= 0 && K < 1) || weights.length !== A.length || !Array.from(weights).every(Number.isFinite)) return false;
  const w = Array.from(weights, fixed);
  if (!w.every((v) => v.lo > 0n)) return false;
  return A.every((row, i) => {
    let sum = 0n;
    for (const [j, entry] of row.entries()) sum += size(entry) * w[j].hi;
    return sum <= fixed(K).lo * w[i].lo;
  });
}

function checkSingle(net: ExactNet, certificate: Certificate): string {
  const { box, enclosure, kind, contraction, weights, noiseRadius, attracting } = certificate;
  const d = net.dimension;
  const X = sidesOf(box, d);
  const E = sidesOf(enclosure, d);
  if (X === undefined || E === undefined) return 'the box or the enclosure is not a box of this dimension';
  if (kind !== 'banach' && kind !== 'krawczyk') return 'the kind of certificate is not known';
  const over = tightExtension(net, X);
  if (!(noiseRadius >= 0 && noiseRadius < Infinity)) return 'the noise radius is not a number';
  if ((kind === 'banach' || noiseRadius > 0) && !allFit(over.value, box, fixed(noiseRadius))) {
    return 'f, with noise, is not confirmed to map the box into itself';
  }
  if (kind === 'banach') {
    if (!contracts(over.jacobian, contraction, weights)) return 'the contraction factor is not confirmed on the box';
    if (attracting !== true) return 'a contraction attracts, and the certificate says otherwise';
    const mapped = E.every((e, i) => e.lo >= X[i].lo && e.hi <= X[i].hi) && allFit(tightExtension(net, E).value, enclosure);
    return mapped || allFit(over.value, enclosure) ? '' : 'the enclosure is not confirmed';
  }
  return checkKrawczyk(net, certificate, X, E, over.jacobian);
}

function checkKrawczyk(net: ExactNet, certificate: Certificate, X: Fixed[], E: Fixed[], J: Fixed[][]): string {
  const { box, enclosure, center, preconditioner, contraction, weights, attracting, basis } = certificate;
  const d = net.dimension;
  if (center.length !== d || preconditioner.length !== d * d) return 'center and preconditioner have not the right sizes';
  if (!Array.from(center).every(Number.isFinite) || !Array.from(preconditioner).every(Number.isFinite))
    return 'center or preconditioner is not finite';
  // The operator holds the fixed points of X only where the Jacobian is bounded on the way from each of them to the center.
  if (!Array.from(center).every((c, i) => c >= box.lower[i] && c <= box.upper[i])) return 'the center does not lie in the box';
  const entries = Array.from(preconditioner, fixed);
  const Y = Array.from({ length: d }, (_, i) => entries.slice(i * d, (i + 1) * d));
  const image = krawczyk(net, X, Array.from(center, fixed), Y, J);
  if (!allInterior(image, box)) return "Krawczyk's operator is not confirmed to map the box into its interior";
  const within = E.every((e, i) => e.lo >= X[i].lo && e.hi <= X[i].hi);
  const JE = extension(net, E).jacobian;
  const at = E.map(({ lo, hi }) => ({ lo: (lo + hi) >> 1n, hi: (lo + hi) >> 1n }));
  if (!(within && allInterior(krawczyk(net, E, at, Y, JE), enclosure)) && !allFit(image, enclosure))
    return 'the enclosure is not confirmed';
  if (contraction !== undefined && !contracts(JE, contraction, weights)) return 'the contraction factor is not confirmed on the enclosure';
  if (attracting === 'unknown' || (attracting === true && contraction !== undefined)) return '';
  if (typeof attracting !== 'boolean') return 'whether it attracts is neither said nor called unknown';
  if (basis.length !== 0 && (basis.length !== d * d || !Array.from(basis).every(Number.isFinite))) return 'the basis is not d x d numbers';
  const similar = basis.length === 0 ? JE : inBasis(JE, Array.from(basis, fixed));
  if (similar === undefined) return 'the basis is singular, or nearly so';
  return attractionOf(similar) === attracting ? '' : `that it ${attracting ? 'attracts' : 'does not attract'} is not confirmed`;
}

/** c - Y (c - f(c)) + (I - Y (I - J)) (X - c). */
function krawczyk(net: ExactNet, X: Fixed[], c: Fixed[], Y: Fixed[][], J: Fixed[][]): Fixed[] {
  const value = extension(net, c).value;
  const off = X.map((x, j) => subtract(x, c[j]));
  return c.map((ci, i) => {
    let result = ci;
    for (const [k, y] of Y[i].entries()) result = subtract(result, multiply(y, subtract(c[k], value[k])));
    for (const [j, away] of off.entries()) {
      let entry = i === j ? UNIT : ZERO;
      for (const [k, y] of Y[i].entries()) entry = subtract(entry, multiply(y, subtract(k === j ? UNIT : ZERO, J[k][j])));
      result = add(result, multiply(entry, away));
    }
    return result;
  });
}

function checkProduct({ layers, residual }: NetData, net: ExactNet, certificate: ProductCertificate): string {
  const { choices: m, lower, upper, contraction, weights, noiseRadius, count, dimension } = certificate;
  const d = net.dimension;
  if (layers.length !== 1 || residual !== 0) return 'a product is certified for one layer only';
  if (dimension !== d || d === 0 || !(Number.isInteger(m) && m > 0)) return 'the certificate is for another dimension';
  const intervals = sidesOf({ lower, upper }, d * m);
  if (intervals === undefined) return 'the intervals are not d m intervals';
  if (count !== BigInt(m) ** BigInt(d)) return 'the count is not m^d';
  if (!(noiseRadius >= 0 && noiseRadius < Infinity)) return 'the noise radius is not a number';
  const hulls = Array.from({ length: d }, (_, j) => intervals.slice(j * m, (j + 1) * m).reduce(join));
  const [W] = net.weights;
  const { value, slope } = net.activations[0];
  const A: Fixed[][] = [];
  for (let j = 0; j < d; j++) {
    const own = intervals.slice(j * m, (j + 1) * m).sort((a, b) => (a.lo < b.lo ? -1 : 1));
    for (let s = 1; s < m; s++) if (own[s].lo <= own[s - 1].hi) return `intervals of coordinate ${j} overlap`;
    const others = W[j].reduce((sum, w, k) => (k === j ? sum : add(sum, multiply(w, hulls[k]))), net.bias[0][j]);
    let steepest = ZERO;
    for (let p = j * m; p < (j + 1) * m; p++) {
      const z = add(others, multiply(W[j][j], intervals[p]));
      if (!fits(value(z), lower[p], upper[p], fixed(noiseRadius)))
        return `interval ${p % m} of coordinate ${j} is not confirmed to be mapped into itself`;
      const most = size(slope(z));
      if (most > steepest.hi) steepest = { lo: most, hi: most };
    }
    A.push(W[j].map((w) => multiply(steepest, { lo: size(w), hi: size(w) })));
  }
  return contracts(A, contraction, weights) ? '' : 'the contraction factor is not confirmed';
}
