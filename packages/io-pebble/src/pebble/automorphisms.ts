import { isInput, type PebbleDag } from './dag.ts';

/**
 * Automorphisms of a small DAG: permutations that keep predecessors, weights and outputs. By backtracking over colours that are refined
 * until they are stable; at most `limit` of them, the identity first.
 */
export function automorphisms(dag: PebbleDag, limit: number): Int32Array[] {
  const { size, start, predecessors } = dag;
  const before = Array.from({ length: size }, (_, v) => new Set(predecessors.subarray(start[v]!, start[v + 1]!)));
  const colours = stableColours(dag, before);
  const image = new Int32Array(size).fill(-1);
  const taken = new Uint8Array(size);
  const found: Int32Array[] = [];
  const extend = (v: number): void => {
    if (found.length === limit) return;
    if (v === size) {
      found.push(image.slice());
      return;
    }
    // The vertex itself is tried first, so that the identity is found first.
    for (let k = 0; k < size; k++) {
      const w = k === 0 ? v : k <= v ? k - 1 : k;
      if (taken[w] === 1 || colours[w] !== colours[v]) continue;
      let fits = true;
      for (const u of before[v]!) fits &&= before[w]!.has(image[u]!);
      if (!fits) continue;
      image[v] = w;
      taken[w] = 1;
      extend(v + 1);
      taken[w] = 0;
    }
  };
  extend(0);
  return found;
}

/** Colours of vertices that no automorphism can mix, by refinement over predecessors and successors. */
function stableColours(dag: PebbleDag, before: readonly ReadonlySet<number>[]): number[] {
  const { size, weights } = dag;
  const outputs = new Set(dag.outputs);
  const after = Array.from({ length: size }, (): number[] => []);
  before.forEach((set, v) => {
    for (const u of set) after[u]!.push(v);
  });
  let colours = number(Array.from({ length: size }, (_, v) => `${weights[v]} ${isInput(dag, v)} ${outputs.has(v)}`));
  for (let count = 0; ; ) {
    const next = number(
      colours.map((colour, v) => {
        const list = (vertices: Iterable<number>) => [...vertices].map((u) => colours[u]!).sort((a, b) => a - b);
        return `${colour}|${list(before[v]!)}|${list(after[v]!)}`;
      }),
    );
    const distinct = new Set(next).size;
    if (distinct === count) return next;
    count = distinct;
    colours = next;
  }
}

function number(keys: readonly string[]): number[] {
  const known = new Map<string, number>();
  return keys.map((key) => {
    if (!known.has(key)) known.set(key, known.size);
    return known.get(key)!;
  });
}
