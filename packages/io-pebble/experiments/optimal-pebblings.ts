import { attentionDag, greedyPebbling, matmulDag, solveOptimal, verify } from '@x/io-pebble';
import type { Experiment } from '@x/report/experiment';

export const experiment: Experiment = {
  id: 'optimal-pebblings',
  claim:
    'No pebbling of a matrix product moves fewer words than 2 m n k / sqrt(M) - 2 M, nor fewer than inputs and outputs; optimal ones come close.',
  source: 'Smith, Lowery, Langou, van de Geijn 2017, arXiv 1702.02017; optima by the exact solver',
  inputs: [],
  async run({ quick, signal, progress }) {
    const graphs = [
      { name: '2 x 2 x 2', dag: matmulDag(2, 2, 2), sizes: [2, 2, 2] },
      { name: '3 x 1 x 3', dag: matmulDag(3, 1, 3), sizes: [3, 1, 3] },
      ...(quick ? [] : [{ name: '2 x 2 x 3', dag: matmulDag(2, 2, 3), sizes: [2, 2, 3] }]),
      { name: 'attention n = 2, d = 1', dag: attentionDag(2, 1), sizes: undefined },
    ];
    const rows: { name: string; M: number; cost: number; greedy: number; bound: number; legal: boolean }[] = [];
    for (const [k, { name, dag, sizes }] of graphs.entries()) {
      for (const M of [4, 5, 6, 7]) {
        progress(k / graphs.length, `${name}, M = ${M}`);
        const { cost, moves, proven } = await solveOptimal(dag, M, { signal });
        const ends =
          dag.outputs.length + Array.from({ length: dag.size }, (_, v) => v).filter((v) => dag.start[v] === dag.start[v + 1]).length;
        const [m = 0, inner = 0, n = 0] = sizes ?? [];
        const bound = Math.max(ends, (2 * m * inner * n) / Math.sqrt(M) - 2 * M);
        rows.push({ name, M, cost, greedy: greedyPebbling(dag, M).cost, bound, legal: proven && verify(dag, moves, M).ok });
      }
    }
    const holds = rows.every(({ cost, greedy, bound, legal }) => legal && cost >= bound && greedy >= cost);
    const gap = Math.max(...rows.map(({ cost, bound }) => cost / bound));
    return {
      measured: `optimum 1 to ${gap.toFixed(2)} times the bound in ${rows.length} games`,
      bound: 'at least 1',
      verdict: holds ? 'holds' : 'failed',
      table: {
        columns: ['graph', 'M', 'optimum', 'greedy', 'bound'],
        rows: rows.map(({ name, M, cost, greedy, bound }) => [name, M, cost, greedy, Number(bound.toFixed(1))]),
      },
    };
  },
};
