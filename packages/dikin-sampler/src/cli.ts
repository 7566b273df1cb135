#!/usr/bin/env node
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { command, type Positional, runCli, SEED } from '@x/cli';
import { NotConvergedError } from '@x/linalg/errors';
import { drawsFile } from './cli/draws-file.ts';
import { essSoFar } from './cli/ess-so-far.ts';
import { readBody } from './cli/read-body.ts';
import { boundsOf, counted, describePrepared, describeRay, describeRun, describeVerdict, shapeOf, table } from './cli/text.ts';
import { highs } from './highs.ts';
import { checkConvergence, prepare, type Run, sample, saveState, summarize } from './index.ts';

const FILE: Positional = {
  name: 'FILE',
  help: 'a linear program in MPS, or a metabolic model in BiGG JSON, SBML or MATLAB .mat; gzipped or not; - is stdin',
};

const BOX = {
  type: 'number',
  min: Number.MIN_VALUE,
  value: 'LIMIT',
  help: 'also keep every variable within [-LIMIT, LIMIT], for bodies that are unbounded',
} as const;

const sampling = command({
  description: 'Draws uniformly from the feasible set of a linear program or from a flux polytope, and says whether the chains converged.',
  positionals: [FILE],
  options: {
    walk: {
      type: 'text',
      choices: ['cdhr', 'hitAndRun', 'dikin', 'auto'],
      default: 'cdhr',
      help: 'coordinate hit-and-run, hit-and-run, the Dikin walk, or a mixture',
    },
    draws: { type: 'integer', default: 1000, min: 1, help: 'draws kept of each chain' },
    chains: { type: 'integer', default: 4, min: 1, max: 1024, help: 'number of chains' },
    seed: SEED,
    'burn-in': { type: 'integer', min: 0, help: 'steps before the first draw; default 20 autocorrelation times of a pilot chain' },
    thin: { type: 'integer', min: 1, help: 'steps between draws; default half an autocorrelation time' },
    workers: { type: 'integer', min: 0, max: 256, help: 'threads; default one for each processor. The draws do not depend on it' },
    box: BOX,
    'time-limit': { type: 'number', min: 0, value: 'SECONDS', help: 'stop then, and judge the draws that are there' },
    out: { type: 'text', value: 'FILE', help: 'write the draws, as .csv or as .npy (chains x draws x variables)' },
    save: { type: 'text', value: 'FILE', help: 'write where the chains stand at the end, also of an interrupted run' },
    resume: {
      type: 'text',
      value: 'FILE',
      help: 'go on with the chains that --save wrote, with their number, seed, burn-in and thinning; only the further draws are in --out',
    },
  },
  examples: [
    { text: 'A Netlib problem:', command: 'dikin-sampler sample afiro.mps.gz' },
    { text: 'One whose feasible set is unbounded:', command: 'dikin-sampler sample adlittle.mps.gz --box 1e4' },
    { text: 'Fluxes of a metabolic model, kept:', command: 'dikin-sampler sample e_coli_core.json --draws 2000 --out fluxes.npy' },
    { text: 'More of them:', command: 'dikin-sampler sample e_coli_core.json --resume chains.state --out more.npy' },
  ],
  async run({ options, positionals, signal, progress, note }) {
    const { walk, draws, chains, seed, thin } = options;
    const resume = options.resume === undefined ? undefined : new Uint8Array(await readFile(options.resume));
    const limited = timeLimit(signal, options['time-limit']);
    // Opened before the work: a path that cannot be written to should not cost a night's draws.
    const file = options.out === undefined ? undefined : await drawsFile(options.out, resume !== undefined);
    try {
      const body = await readBody(positionals[0]!, options.box);
      for (const name of body.relaxed) note(`${name} is integer in the file and sampled as a real number`);
      const ess = essSoFar();
      const prepared = await prepare(body, { solver: await highs(), signal: limited.signal, onProgress: preparing(progress) });
      const run = await sample(prepared, {
        walk,
        draws,
        ...(resume === undefined ? { chains, seed } : { resume }),
        ...(options['burn-in'] !== undefined && { burnIn: options['burn-in'] }),
        ...(thin !== undefined && { thin }),
        workers: options.workers ?? Math.min(availableParallelism(), chains),
        signal: limited.signal,
        onProgress: (fraction, soFar) => progress(fraction, process.stderr.isTTY ? ess(soFar) : ''),
      }).catch(keepFinished);
      await file?.write(run);
      if (options.save !== undefined) await writeFile(options.save, saveState(run));
      const summary = summarize(run);
      const verdict = checkConvergence(summary);
      const shortfall = run.draws < draws ? [`stopped after ${run.draws} of ${draws} draws of each chain`] : [];
      return {
        data: {
          ...shapeOf(prepared),
          walk,
          draws: run.draws,
          chains: run.chains,
          seed: run.seed,
          tuning: run.tuning,
          violation: run.violation,
          verdict,
          summary,
        },
        text: [describePrepared(prepared), describeRun(run), table(summary), ...shortfall, describeVerdict(verdict)].join('\n'),
        ok: verdict.converged,
      };
    } catch (error) {
      if (!limited.reached()) throw error;
      throw new NotConvergedError(
        `not converged: the time limit of ${options['time-limit']} s came before there were draws to judge`,
        0,
        Number.NaN,
      );
    } finally {
      limited.clear();
      await file?.close();
    }
  },
});

const info = command({
  description:
    'Reads a body, reduces it to full dimension and prints what was found: dimension, bounds, fixed variables, implied equations, redundancy.',
  positionals: [FILE],
  options: { box: BOX },
  examples: [{ text: 'The dimension of a flux polytope:', command: 'dikin-sampler info e_coli_core.json' }],
  async run({ options, positionals, signal, progress }) {
    const body = await readBody(positionals[0]!, options.box);
    const prepared = await prepare(body, { solver: await highs(), signal, allowUnbounded: true, onProgress: preparing(progress) });
    const { report, ball, ray } = prepared;
    const bounds = boundsOf(body);
    const { fixed, both, below, above, free } = bounds;
    return {
      data: { ...shapeOf(prepared), bounded: prepared.bounded, ...(ray && { ray }), bounds, radius: ball.radius, report },
      text: [
        describePrepared(prepared),
        `bounds: ${both} variables on both sides, ${below} below, ${above} above, ${free} free, ${fixed} fixed`,
        ray === undefined ? 'bounded' : `unbounded: ${describeRay(ray, body.names)}`,
        counted('fixed variables', report.fixedVariables),
        counted('implied equations', report.impliedEquations),
        `rank of the equations: ${report.equationRank}`,
        counted('empty rows', report.emptyRows),
        counted('parallel rows', report.duplicateRows),
        counted('redundant inequalities', report.redundant),
      ].join('\n'),
    };
  },
});

/** Preparing has a bar of its own, which starts over when the chains do. */
function preparing(progress: (fraction: number, note?: string) => void) {
  return (fraction: number, stage: string) => progress(fraction, `| ${stage}`);
}

/** The signal of Ctrl-C, which also fires after so many seconds. */
function timeLimit(signal: AbortSignal, seconds: number | undefined) {
  if (seconds === undefined) return { signal, reached: () => false, clear: () => {} };
  const controller = new AbortController();
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  const timer = setTimeout(() => controller.abort(), 1000 * seconds);
  return { signal: controller.signal, reached: () => controller.signal.aborted && !signal.aborted, clear: () => clearTimeout(timer) };
}

/** An interrupted run is reported as far as it came. */
function keepFinished(error: unknown): Run {
  const partial = error instanceof Error && error.name === 'AbortError' ? (error as Error & { partial?: Run }).partial : undefined;
  if (partial === undefined) throw error;
  return partial;
}

await runCli({
  name: 'dikin-sampler',
  description: 'Random points of a polytope, with a verdict on whether the chains converged.',
  commands: { sample: sampling, info },
});
