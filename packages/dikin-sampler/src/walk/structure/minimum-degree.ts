/** The order in which the rows of a symmetric matrix are eliminated, and what each leaves behind. */
export interface Elimination {
  /** order[k] is eliminated k-th. */
  readonly order: Int32Array;
  /** For each k the later places of the entries in row k of the factor, ascending. */
  readonly below: readonly Int32Array[];
}

/**
 * Eliminates next what has the fewest neighbours, by approximate degrees on the quotient graph, and then numbers the result in
 * postorder of the elimination tree, so that rows of the factor with equal patterns come together. For one pattern always the same order.
 *
 * @param neighbours - of each row the other rows it shares an entry with; used up.
 * Source: Amestoy, Davis, Duff 1996, "An approximate minimum degree ordering algorithm", SIAM J. Matrix Anal. Appl. 17(4).
 */
export function minimumDegree(neighbours: Set<number>[]): Elimination {
  const d = neighbours.length;
  // Eliminated rows live on as elements: the cliques they left.
  const elements: Set<number>[] = neighbours.map(() => new Set());
  const members: (Set<number> | undefined)[] = new Array(d);
  const degree = Int32Array.from(neighbours, (set) => set.size);
  const place = new Int32Array(d).fill(-1);
  const eliminated: number[] = [];
  const left: Set<number>[] = [];
  const outside = new Map<number, number>();
  while (eliminated.length < d) {
    const pivot = leastOf(degree, place);
    const clique = new Set(neighbours[pivot]!);
    for (const element of elements[pivot]!) {
      for (const row of members[element]!) clique.add(row);
      members[element] = undefined;
    }
    clique.delete(pivot);
    place[pivot] = eliminated.length;
    eliminated.push(pivot);
    left.push(clique);
    members[pivot] = new Set(clique);
    // |L_e \ clique| for every element that meets the clique.
    outside.clear();
    for (const row of clique) {
      for (const element of elements[row]!) {
        const set = members[element];
        if (set !== undefined) outside.set(element, (outside.get(element) ?? set.size) - 1);
      }
    }
    for (const row of clique) {
      const near = neighbours[row]!;
      near.delete(pivot);
      for (const other of near) if (clique.has(other)) near.delete(other);
      let sum = near.size + clique.size - 1;
      for (const element of elements[row]!) {
        const beyond = members[element] === undefined ? 0 : outside.get(element)!;
        if (beyond === 0) elements[row]!.delete(element);
        else sum += beyond;
      }
      elements[row]!.add(pivot);
      degree[row] = Math.min(sum, d - eliminated.length - 1);
    }
    // An element within the clique adds nothing to it.
    for (const [element, beyond] of outside) if (beyond === 0) members[element] = undefined;
  }
  return inPostorder(eliminated, place, left);
}

function leastOf(degree: Int32Array, place: Int32Array): number {
  let best = -1;
  for (let i = 0; i < degree.length; i++) if (place[i]! < 0 && (best < 0 || degree[i]! < degree[best]!)) best = i;
  return best;
}

function inPostorder(eliminated: readonly number[], place: Int32Array, left: readonly Set<number>[]): Elimination {
  const d = eliminated.length;
  const children: number[][] = Array.from({ length: d + 1 }, () => []);
  for (let k = 0; k < d; k++) {
    let parent = d;
    for (const row of left[k]!) parent = Math.min(parent, place[row]!);
    children[parent]!.push(k);
  }
  const sequence: number[] = [];
  const stack = [d];
  while (stack.length > 0) {
    const k = stack.pop()!;
    sequence.push(k);
    stack.push(...children[k]!);
  }
  sequence.reverse().pop();
  const order = Int32Array.from(sequence, (k) => eliminated[k]!);
  const renumbered = new Int32Array(d);
  order.forEach((row, k) => {
    renumbered[row] = k;
  });
  return { order, below: sequence.map((k) => Int32Array.from(left[k]!, (row) => renumbered[row]!).sort()) };
}
