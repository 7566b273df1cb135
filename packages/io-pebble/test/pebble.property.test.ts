import { philox } from '@x/linalg';
import { effort } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { automorphisms } from '../src/pebble/automorphisms.ts';
import { dagBuilder, leastCapacity, type PebbleDag } from '../src/pebble/dag.ts';
import { game, TICKS } from '../src/pebble/game.ts';
import { attentionDag, matmulDag } from '../src/pebble/graphs.ts';
import { greedyPebbling } from '../src/pebble/greedy.ts';
import { decodeMove, encodeMove } from '../src/pebble/moves.ts';
import { solveOptimal } from '../src/pebble/solve.ts';
import { type Variant, type VerifyCode, verify } from '../src/pebble/verify.ts';
import { dagFromJson } from '../src/readers.ts';
import { randomDag } from './draw.ts';
import { leastCost } from './reference.ts';

const VARIANTS: readonly Variant[] = ['base', 'oneshot', 'nodel', 'compcost'];

describe('P1: illegal moves are found', () => {
  const dags: readonly PebbleDag[] = [
    matmulDag(2, 2, 2),
    attentionDag(2, 2),
    ...Array.from({ length: 20 }, (_, k) => randomDag(philox(1, k), 12)),
  ];
  const legal = dags.flatMap((dag) =>
    [0, 2].map((more) => {
      const M = leastCapacity(dag).words + more;
      return { dag, M, moves: [...greedyPebbling(dag, M).moves] };
    }),
  );

  it('and legal ones accepted', () => {
    for (const { dag, M, moves } of legal) expect(verify(dag, moves, M)).toMatchObject({ ok: true });
  });

  /** Every place where a list can be broken in one way, and the codes that may come of it. */
  const breakings: Record<
    string,
    { at: (moves: number[], k: number, dag: PebbleDag, M: number) => number[] | undefined; codes: VerifyCode[] }
  > = {
    'a load left out': {
      at: (moves, k) => (decodeMove(moves[k]!).kind === 'load' ? moves.toSpliced(k, 1) : undefined),
      codes: ['predecessor-not-red', 'delete-not-red', 'store-not-red'],
    },
    'a computed predecessor deleted first': {
      at: (moves, k, dag) => {
        const { kind, vertex } = decodeMove(moves[k]!);
        if (kind !== 'compute') return undefined;
        return moves.toSpliced(k, 0, encodeMove('delete', dag.predecessors[dag.start[vertex]!]!));
      },
      codes: ['predecessor-not-red'],
    },
    'a store left out': {
      at: (moves, k) => (decodeMove(moves[k]!).kind === 'store' ? moves.toSpliced(k, 1) : undefined),
      codes: ['output-not-blue', 'load-not-blue'],
    },
    'a load of what was never stored': {
      at: (moves, k, dag) => (k === 0 ? [encodeMove('load', dag.size - 1), ...moves] : undefined),
      codes: ['load-not-blue'],
    },
    'a pebble too many': {
      at: (moves, k, dag, M) => {
        // All deletions up to the first place where memory is full again are left out.
        if (k !== 0) return undefined;
        const kept = moves.filter((move) => decodeMove(move).kind !== 'delete');
        return verify(dag, moves, M).peak === M && kept.length < moves.length ? kept : undefined;
      },
      codes: ['capacity', 'already-red'],
    },
  };
  it.each(Object.entries(breakings))('%s', (_, { at, codes }) => {
    let tried = 0;
    for (const { dag, M, moves } of legal) {
      for (let k = 0; k < moves.length; k++) {
        const broken = at(moves, k, dag, M);
        if (broken === undefined) continue;
        tried++;
        const { ok, error } = verify(dag, broken, M);
        expect(ok).toBe(false);
        expect(codes).toContain(error!.code);
      }
    }
    expect(tried).toBeGreaterThanOrEqual(20);
  });

  it('the words in fast memory while computing count the result, too', () => {
    const dag = matmulDag(1, 1, 1);
    const moves = (
      [
        ['load', 0],
        ['load', 1],
        ['compute', 2],
        ['store', 2],
      ] as const
    ).map(([kind, vertex]) => encodeMove(kind, vertex));
    expect(verify(dag, moves, 3)).toMatchObject({ ok: true, peak: 3, loads: 2, stores: 1, cost: 3 });
    expect(verify(dag, moves, 2).error).toMatchObject({ code: 'capacity', move: 2 });
    // By sliding, the result takes the place of one factor.
    const slid = moves.toSpliced(3, 0, encodeMove('delete', 0));
    expect(verify(dag, slid, 2, { slide: true })).toMatchObject({ ok: true, peak: 2 });
    expect(verify(dag, slid, 2).error).toMatchObject({ code: 'capacity' });
  });

  it('variants refuse what they must', () => {
    const builder = dagBuilder();
    const a = builder.input();
    const b = builder.node([a]);
    builder.output(b);
    const dag = builder.build();
    const moves = (list: readonly (readonly ['load' | 'store' | 'compute' | 'delete', number])[]) =>
      list.map(([kind, vertex]) => encodeMove(kind, vertex));
    const twice = moves([
      ['load', a],
      ['compute', b],
      ['delete', b],
      ['compute', b],
      ['store', b],
    ]);
    expect(verify(dag, twice, 2).ok).toBe(true);
    expect(verify(dag, twice, 2, { variant: 'oneshot' }).error!.code).toBe('computed-twice');
    expect(verify(dag, twice, 2, { variant: 'nodel' }).error!.code).toBe('delete-not-blue');
    expect(verify(dag, twice, 2, { variant: 'compcost', computeCost: 0.25 }).cost).toBe(2.5);
    expect(verify(dag, [encodeMove('compute', a)], 2).error!.code).toBe('compute-input');
    expect(verify(dag, [4 * 17], 2).error!.code).toBe('unknown-vertex');
  });
});

describe('P8: the solver finds the least cost', () => {
  const claim = async (size: number, count: number, solve = solveOptimal) => {
    for (let k = 0; k < effort(count); k++) {
      const rng = philox(2, k);
      const variant = VARIANTS[k % 4]!;
      const slide = rng.integer(2) === 1;
      const dag = randomDag(rng, 3 + rng.integer(size - 2), { weighted: k % 3 === 0 });
      const M = leastCapacity(dag, slide).words + rng.integer(3);
      const found = await solve(dag, M, { variant, slide });
      expect(verify(dag, found.moves, M, { variant, slide }).error).toBeUndefined();
      expect(found.proven).toBe(true);
      expect(found.cost).toBeCloseTo(leastCost(dag, M, variant, slide), 9);
    }
  };
  it('of random DAGs with and without weights, under all rules', () => claim(8, 240), 60_000);
  it('of larger ones', () => claim(11, 12), 60_000);
  it('which the greedy one does not', async () => {
    const greedy: typeof solveOptimal = async (dag, M, options = {}) => ({
      ...greedyPebbling(dag, M, options),
      proven: true,
      lower: 0,
      states: 0,
    });
    let failed = false;
    await claim(8, 240, greedy).catch(() => {
      failed = true;
    });
    expect(failed).toBe(true);
  });

  it('its heuristic never falls by more than a step costs', () => {
    for (let k = 0; k < effort(40); k++) {
      const rng = philox(3, k);
      const dag = randomDag(rng, 10);
      const play = game(dag, leastCapacity(dag).words + 1, { variant: VARIANTS[k % 4]!, slide: false, computeCost: 0.01 });
      let { red, blue } = play.start;
      for (let step = 0; step < 30 && !play.isWon(blue); step++) {
        const here = play.remaining(red, blue);
        const next: [number, number][] = [];
        play.expand(red, blue, (r, b, ticks) => {
          expect(here).toBeLessThanOrEqual(ticks + play.remaining(r, b));
          next.push([r, b]);
        });
        if (next.length === 0) break;
        [red, blue] = next[rng.integer(next.length)]!;
      }
      expect(play.remaining(0, (1 << dag.size) - 1)).toBe(0);
    }
    expect(TICKS).toBe(1000);
  });

  it.each([
    ['2 x 2 x 2', matmulDag(2, 2, 2), [17, 14, 13, 12]],
    ['3 x 1 x 3', matmulDag(3, 1, 3), [17, 15, 15, 15]],
    ['2 x 2 x 3', matmulDag(2, 2, 3), [25, 20, 18, 17]],
  ])('of the product %s with 4 to 7 words', async (_, dag, costs) => {
    for (const [k, cost] of costs.entries()) {
      for (const variant of ['base', 'oneshot'] as const)
        expect(await solveOptimal(dag, 4 + k, { variant })).toMatchObject({ cost, proven: true });
    }
  });

  it('of attention with n = 2, d = 1, where computing again saves nothing', async () => {
    for (const variant of ['base', 'oneshot'] as const) {
      const found = await Promise.all([4, 5, 6].map((M) => solveOptimal(attentionDag(2, 1), M, { variant })));
      expect(found.map(({ cost }) => cost)).toEqual([12, 10, 8]);
    }
  });

  it('with computing again where that saves words', async () => {
    const { dag } = dagFromJson({ vertices: [[], [0], [1, 0], [2], [0, 1], [4, 0], [5, 1], [2, 3]], outputs: [6, 7] });
    expect((await solveOptimal(dag, 3)).cost).toBe(4);
    expect((await solveOptimal(dag, 3, { variant: 'oneshot' })).cost).toBe(6);
  });

  it('gives up honestly, can be stopped, and keeps what it has', async () => {
    const dag = matmulDag(2, 2, 3);
    const found = await solveOptimal(dag, 4, { maxStates: 100 });
    expect(found.proven).toBe(false);
    expect(found.lower).toBeLessThanOrEqual(25);
    expect(found.cost).toBeGreaterThanOrEqual(25);
    expect(verify(dag, found.moves, 4).ok).toBe(true);
    const stop = new AbortController();
    stop.abort();
    await expect(solveOptimal(dag, 4, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError', partial: { proven: false } });
  });

  it('refuses what cannot be done, naming the vertex', async () => {
    await expect(solveOptimal(matmulDag(2, 2, 2), 3)).rejects.toMatchObject({ name: 'InfeasibleError' });
    await expect(solveOptimal(matmulDag(3, 3, 3), 5)).rejects.toMatchObject({ name: 'ArgumentError', argument: 'dag' });
    await expect(solveOptimal(matmulDag(1, 1, 1), 4.5)).rejects.toMatchObject({ name: 'ArgumentError', argument: 'M' });
  });
});

describe('automorphisms', () => {
  it('of a product swap rows, columns and, with two inner steps, nothing else', () => {
    expect(automorphisms(matmulDag(2, 1, 2), 100)).toHaveLength(8);
    expect(automorphisms(matmulDag(2, 2, 3), 100)).toHaveLength(12);
  });
  it('keep predecessors, and begin with the identity', () => {
    const dag = matmulDag(2, 1, 3);
    const group = automorphisms(dag, 100);
    expect([...group[0]!]).toEqual(Array.from({ length: dag.size }, (_, v) => v));
    for (const image of group) {
      for (let v = 0; v < dag.size; v++) {
        const of = (w: number) => [...dag.predecessors.subarray(dag.start[w]!, dag.start[w + 1]!)];
        expect(
          of(v)
            .map((u) => image[u]!)
            .sort(),
        ).toEqual(of(image[v]!).sort());
      }
    }
  });
});

describe('greedyPebbling', () => {
  it('is legal under every variant and never below the optimum', async () => {
    for (let k = 0; k < effort(60); k++) {
      const rng = philox(5, k);
      const dag = randomDag(rng, 9, { weighted: k % 2 === 0 });
      const slide = k % 4 < 2;
      const M = leastCapacity(dag, slide).words + rng.integer(3);
      for (const variant of VARIANTS) {
        const { moves, cost } = greedyPebbling(dag, M, { variant, slide });
        expect(verify(dag, moves, M, { variant, slide }).error).toBeUndefined();
        expect(cost).toBeGreaterThanOrEqual((await solveOptimal(dag, M, { variant, slide })).cost - 1e-9);
      }
    }
  });
  it('takes an order, and refuses one that is none', () => {
    const dag = matmulDag(2, 1, 2);
    expect(greedyPebbling(dag, 4, { order: [7, 6, 5, 4] }).cost).toBeGreaterThan(0);
    expect(() => greedyPebbling(matmulDag(1, 2, 1), 4, { order: [5, 4] })).toThrow('topological');
    expect(() => greedyPebbling(dag, 4, { order: [4] })).toThrow('all 4');
  });
  it('pebbles large DAGs', () => {
    const dag = matmulDag(20, 20, 20);
    const { moves, cost } = greedyPebbling(dag, 50);
    expect(verify(dag, moves, 50)).toMatchObject({ ok: true, cost });
  });
});
