import type { Rng } from '@x/linalg';
import { causal, csrMask, randomMask, slidingWindow } from '../src/masks/kinds.ts';
import type { Mask } from '../src/masks/mask.ts';
import { dagBuilder, type PebbleDag } from '../src/pebble/dag.ts';

/** A random DAG: each vertex but the inputs has one to three predecessors; vertices without successors are outputs, others sometimes. */
export function randomDag(rng: Rng, size: number, options: { readonly weighted?: boolean } = {}): PebbleDag {
  const dag = dagBuilder();
  const used = new Uint8Array(size);
  const inputs = 1 + rng.integer(Math.max(1, size >> 1));
  for (let v = 0; v < size; v++) {
    const weight = options.weighted === true ? 1 + rng.integer(3) : 1;
    if (v < inputs) {
      dag.input(weight);
      continue;
    }
    const from = Array.from({ length: 1 + rng.integer(3) }, () => rng.integer(v));
    for (const u of from) used[u] = 1;
    dag.node(from, weight);
  }
  for (let v = inputs; v < size; v++) if (used[v] === 0 || rng.integer(6) === 0) dag.output(v);
  return dag.build();
}

/** A random mask of any kind, or none. */
export function randomKind(rng: Rng, nq: number, nk: number, seed: number): Mask | undefined {
  const kind = rng.integer(5);
  if (kind === 1) return causal(nq, Math.max(nq, nk)).keys === nk ? causal(nq, nk) : undefined;
  if (kind === 2) return randomMask(nq, nk, 1 + rng.integer(nk), { seed });
  if (kind === 3 && nq === nk) return slidingWindow(nq, rng.integer(3), { onlyBefore: rng.integer(2) === 0 });
  if (kind !== 4) return undefined;
  // Rows and columns may be empty.
  const columns: number[] = [];
  const rowStart = [0];
  for (let i = 0; i < nq; i++) {
    for (let j = 0; j < nk; j++) if (rng.uniform() < 0.3) columns.push(j);
    rowStart.push(columns.length);
  }
  return columns.length === 0 ? undefined : csrMask(nq, nk, rowStart, columns);
}
