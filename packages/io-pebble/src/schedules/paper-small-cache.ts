import type { Machine, Shape, Span, Tensor, Tile } from './machine.ts';
import { multiply } from './matmul.ts';
import { scorePairs, sumPairs } from './pair-products.ts';
import { pairsOf, productPhase, scorePhase, seenCount, sumPhase } from './phases.ts';
import { keysOf, seenQueries } from './rows.ts';
import { fixedPhase, type Phase, type Schedule } from './schedule.ts';
import { normalizeRow } from './unfused.ts';

/** The sum over a query's keys of f h, less E, for all queries: E is read once, an entry at a time. */
const residualPhase: Phase = (() => {
  const sum = sumPhase('queries', 'oa', 'ob', ({ dv }) => dv);
  return {
    ...sum,
    words(shape, tiles) {
      const entries = shape.nq * shape.dv;
      return { loads: sum.words(shape, tiles).loads + entries, stores: entries };
    },
  };
})();

/**
 * The paper's gradient of |f h - E|^2 / 2 in X, f the row-wise softmax of A1 X A2^T and h = A3 Y, for small fast memories: every product
 * alone, pairs in slow memory between them. With q = (f h - E) h^T and p = f o q - diag((f o q) 1) f it is A1^T p A2.
 *
 * Source: arXiv 2410.09397, Algorithm 6 as re-derived here: its four phases, each product tiled by outer products instead of three square
 * tiles, which moves about sqrt(3) times less.
 */
export const paperSmallCache: Schedule = {
  name: 'paperSmallCache',
  pass: 'paperGradient',
  idea: 'the four phases of the paper, each product alone, all pairs in slow memory between them',
  phases: [
    productPhase('wa', 'wb', ({ nq, d }) => ({ m: nq, k: d, n: d })),
    scorePhase('sa', 'sb', ({ d }) => d),
    fixedPhase(
      ({ accumulator: w }) => 3 * w + 1,
      (shape) => ({ loads: 2 * pairsOf(shape), stores: pairsOf(shape) }),
    ),
    productPhase('ha', 'hb', ({ nk, d, dv }) => ({ m: nk, k: d, n: dv })),
    residualPhase,
    scorePhase('qa', 'qb', ({ dv }) => dv),
    fixedPhase(
      ({ accumulator: w }) => w + 2,
      (shape) => ({ loads: 4 * pairsOf(shape), stores: pairsOf(shape) }),
    ),
    sumPhase('queries', 'ua', 'ub', ({ d }) => d),
    productPhase('ga', 'gb', (shape) => ({ m: shape.d, k: seenCount(shape), n: shape.d })),
  ],
  run(machine, shape, tiles) {
    const { nq, nk, d, dv, accumulator } = shape;
    const sides = (letter: string) => ({ a: tiles[`${letter}a`]!, b: tiles[`${letter}b`]! });
    const { A1, A2, E, W, h } = paperProducts(machine, shape, sides('w'), sides('h'));
    const [S, F, q, p] = ['S', 'F', 'q', 'p'].map((name) => machine.tensor(name, nq, nk)) as [Tensor, Tensor, Tensor, Tensor];
    const [C, U] = [machine.tensor('C', nq, dv), machine.tensor('U', nq, d)];
    scorePairs(machine, shape, W, A2, S, sides('s'));
    for (const i of seenQueries(shape)) normalizeRow(machine, shape, i, S, F);
    sumPairs(machine, shape, 'queries', F, h, C, sides('o'), {
      always: true,
      end: (tile, _, rows, cols) => subtract(machine, tile, E, rows, cols),
    });
    scorePairs(machine, shape, C, h, q, sides('q'));
    for (const i of seenQueries(shape)) centreRow(machine, shape, i, F, q, p);
    sumPairs(machine, shape, 'queries', p, A2, U, sides('u'));
    gradientProduct(machine, shape, A1, U, { ...sides('g'), accumulator });
  },
};

/** W = A1 X and h = A3 Y, which both schedules begin with. */
export function paperProducts(
  machine: Machine,
  { nq, nk, d, dv, accumulator }: Shape,
  w: { readonly a: number; readonly b: number },
  h: { readonly a: number; readonly b: number },
): { readonly A1: Tensor; readonly A2: Tensor; readonly E: Tensor; readonly W: Tensor; readonly h: Tensor } {
  const [A1, A2, A3] = [machine.tensor('A1', nq, d), machine.tensor('A2', nk, d), machine.tensor('A3', nk, d)];
  const [X, Y, E] = [machine.tensor('X', d, d), machine.tensor('Y', d, dv), machine.tensor('E', nq, dv)];
  const [W, H] = [machine.tensor('W', nq, d), machine.tensor('h', nk, dv)];
  multiply(machine, { tensor: A1 }, { tensor: X }, W, { ...w, k: d, accumulator });
  multiply(machine, { tensor: A3 }, { tensor: Y }, H, { ...h, k: d, accumulator });
  return { A1, A2, E, W, h: H };
}

/** A1^T U over the queries that may see some key, which both schedules end with. */
export function gradientProduct(
  machine: Machine,
  shape: Shape,
  A1: Tensor,
  U: Tensor,
  { a, b, accumulator }: { readonly a: number; readonly b: number; readonly accumulator: number },
): void {
  const G = machine.tensor('G', shape.d, shape.d);
  multiply(machine, { tensor: A1, transposed: true }, { tensor: U }, G, { a, b, k: [...seenQueries(shape)], accumulator });
}

/** tile - E, an entry of E at a time. */
function subtract(machine: Machine, tile: Tile, E: Tensor, rows: Span, cols: Span): void {
  for (let i = 0; i < rows.size; i++) {
    for (let k = 0; k < cols.size; k++) {
      const e = machine.load(E, { start: rows.start + i, size: 1 }, { start: cols.start + k, size: 1 });
      machine.compute((cells) => cells.set(tile, i, k, [cells.get(tile, i, k), cells.get(e, 0, 0)], (o, x) => o! - x!));
      machine.free(e);
    }
  }
}

/** p = f o q - r f for a row, r = sum of f o q. */
function centreRow(machine: Machine, shape: Shape, i: number, F: Tensor, q: Tensor, p: Tensor): void {
  const row = { start: i, size: 1 };
  const r = machine.room(1, 1, shape.accumulator);
  const each = (work: (f: Tile, g: Tile, at: Span) => void): void => {
    for (const j of keysOf(shape, i)) {
      const at = { start: j, size: 1 };
      const [f, g] = [machine.load(F, row, at), machine.load(q, row, at)];
      work(f, g, at);
      machine.free(f, g);
    }
  };
  each((f, g) => machine.compute((c) => c.set(r, 0, 0, [c.get(r, 0, 0), c.get(f, 0, 0), c.get(g, 0, 0)], (sum, x, y) => sum! + x! * y!)));
  each((f, g, at) => {
    machine.compute((c) => c.set(g, 0, 0, [c.get(g, 0, 0), c.get(f, 0, 0), c.get(r, 0, 0)], (y, x, sum) => x! * (y! - sum!)));
    machine.store(g, p, row, at);
  });
  machine.free(r);
}
