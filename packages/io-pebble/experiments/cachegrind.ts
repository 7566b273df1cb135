import { belady, cacheSim } from '@x/io-pebble';
import type { Experiment } from '@x/report/experiment';
import { CASES, type Case, goldens, LINE } from './loops/cases.ts';
import { predictedLines } from './loops/predict.ts';
import { traceOf } from './loops/trace.ts';

export const experiment: Experiment = {
  id: 'cachegrind',
  claim:
    'Counts of words foretell within 3 % what C loops miss in an LRU cache, if it has room for what stays and the next block beside it, in one set and whole lines; else not, though an ideal cache without that room still misses no more.',
  source: 'cachegrind of valgrind, recorded by `pnpm cachegrind`; Sleator and Tarjan 1985 for LRU against ideal caches',
  inputs: [],
  async run({ progress, signal }) {
    const recorded = goldens();
    const rows = CASES.map((one, k) => {
      progress(k / CASES.length);
      signal.throwIfAborted();
      const predicted = predictedLines(one);
      // Where there are sets, misses depend on addresses that the C program does not choose.
      const trace = one.ways !== 0 || one.loop !== 'flash2' || one.n > 256 ? undefined : traceOf(one);
      const simulated = trace === undefined ? undefined : cacheSim({ bytes: one.bytes, lineBytes: LINE }).accessAll(trace);
      const ideal =
        one.agrees || trace === undefined
          ? undefined
          : belady(
              trace.map((at) => Math.floor(at / LINE)),
              one.bytes / LINE,
            );
      return { one, misses: recorded[k]!, predicted, simulated, ideal };
    });
    const off = (a: number, b: number) => Math.abs(a / b - 1);
    const good = rows.filter(({ one }) => one.agrees);
    const bad = rows.filter(({ one }) => !one.agrees);
    const worst = Math.max(...good.map(({ misses, predicted }) => off(misses, predicted)));
    const simulation = Math.max(...rows.map(({ misses, simulated = misses }) => off(misses, simulated)));
    const ideal = bad.every(({ ideal: least, predicted }) => least === undefined || least <= 1.03 * predicted);
    const holds = worst <= 0.03 && simulation <= 0.03 && ideal && bad.every(({ misses, predicted }) => misses > 1.1 * predicted);
    const name = ({ loop, n, d, a, b, bytes, ways }: Case) =>
      `${loop}, n ${n}, d ${d}${loop === 'naive' ? '' : `, ${a} x ${b}`}, ${bytes / 1024} KiB${ways === 0 ? '' : `, ${ways} ways`}`;
    return {
      measured: `${good.length} loops within ${(100 * worst).toFixed(1)} %; ${bad.length} others off by ${(100 * Math.min(...bad.map(({ misses, predicted }) => off(misses, predicted)))).toFixed(0)} to ${(100 * Math.max(...bad.map(({ misses, predicted }) => off(misses, predicted)))).toFixed(0)} %; our simulator within ${(100 * simulation).toFixed(1)} % of those that it replays`,
      bound: '3 %; 3 %; the others at least 10 %',
      verdict: holds ? 'holds' : 'failed',
      table: {
        columns: ['loop', 'foretold', 'cachegrind', 'ratio', 'simulated', 'ideal cache', 'why'],
        rows: rows.map(({ one, misses, predicted, simulated, ideal: least }) => [
          name(one),
          predicted,
          misses,
          Number((misses / predicted).toFixed(3)),
          simulated ?? '',
          least ?? '',
          one.about ?? '',
        ]),
      },
    };
  },
};
