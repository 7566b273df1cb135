/**
 * Coefficients of the polynomial of degree 2 m - 1 with g(a) = a and g'(a) = 0 at each of m values, by divided differences on doubled nodes: a
 * map with m super-attracting fixed points.
 *
 * @param values - different from each other; with more than about ten, or far apart, the coefficients lose their meaning to rounding.
 */
export function hermite(values: readonly number[]): Float64Array {
  const nodes = values.flatMap((a) => [a, a]);
  const n = nodes.length;
  let column = nodes.slice();
  const top = [column[0]];
  for (let order = 1; order < n; order++) {
    const next: number[] = [];
    for (let i = 0; i + order < n; i++) {
      const gap = nodes[i + order] - nodes[i];
      // Between equal nodes stands the derivative there, which is 0.
      next.push(gap === 0 ? 0 : (column[i + 1] - column[i]) / gap);
    }
    column = next;
    top.push(column[0]);
  }
  // From Newton's form, innermost factor first.
  let g = [top[n - 1]];
  for (let k = n - 2; k >= 0; k--) {
    const shifted = [0, ...g];
    for (let i = 0; i < g.length; i++) shifted[i] -= nodes[k] * g[i];
    shifted[0] += top[k];
    g = shifted;
  }
  return Float64Array.from(g);
}
