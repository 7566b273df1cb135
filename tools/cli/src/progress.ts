import cliProgress from 'cli-progress';

export interface Progress {
  /** The finished fraction in [0, 1], and what is going on. */
  report(fraction: number, note?: string): void;
  /** Removes the bar. */
  stop(): void;
}

const STEPS = 1000;

/** A bar on stderr when that is a terminal, else nothing. It appears at the first report. */
export function progressBar(): Progress {
  if (!process.stderr.isTTY) return { report: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({
    format: '{bar} {percentage} % | {duration_formatted}, {eta_formatted} left {note}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    etaBuffer: 50,
  });
  let started = false;
  return {
    report(fraction, note = '') {
      const step = Math.round(Math.min(1, Math.max(0, fraction)) * STEPS);
      if (!started) {
        started = true;
        bar.start(STEPS, step, { note });
      } else bar.update(step, { note });
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}
