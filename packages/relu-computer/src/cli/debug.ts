import { createInterface } from 'node:readline';
import { type Command, command } from '@x/cli';
import ansi from 'ansi-escapes';
import { buildComputer, createMachine, DESIGNS } from '../index.ts';
import { debugSession, type Session } from './debug/session.ts';
import { view } from './debug/view.ts';
import { MACHINE, PROGRAM, readProgram, shapeOf } from './program.ts';

/** Steps that can be taken back. */
const HISTORY = 100_000;

const PROMPT = '> ';

export const debug: Command = command({
  description:
    'Steps through a program, forward and back, and looks into the network. Where stdin is no terminal, it is a list of commands.',
  positionals: [PROGRAM],
  options: {
    ...MACHINE,
    design: { type: 'text', choices: DESIGNS, default: 'basic', help: 'the network' },
    engine: { type: 'text', choices: ['event', 'sparse', 'dense'], default: 'event', help: 'what computes it' },
    dialect: { type: 'text', choices: ['rosetta', 'howerj', 'mazonka'], default: 'rosetta', help: 'at the end of input howerj reads -1' },
  },
  examples: [
    { text: 'A small program:', command: 'relu-computer debug hello.asq --words 64 --bits 8' },
    { text: 'Commands from a file:', command: 'relu-computer debug hello.dec < commands.txt' },
  ],
  async run({ options, positionals, signal }) {
    const { engine, dialect, bits, design } = options;
    const program = await readProgram(positionals[0]!, bits);
    const computer = buildComputer({ ...shapeOf(options, program.image.length), design });
    const waiting: number[] = [];
    const session = debugSession({
      symbols: program.symbols,
      waiting,
      makeMachine: (output) =>
        createMachine(computer, program.image, { engine, dialect, history: HISTORY, input: () => waiting.shift(), output }),
    });
    const talk = process.stdin.isTTY === true && process.stdout.isTTY === true ? onTerminal : fromScript;
    return {
      get data() {
        return (async () => {
          const answers: { readonly command: string; readonly answer: string }[] = [];
          for await (const line of lines()) {
            answers.push({ command: line, answer: await session.execute(line, signal) });
            if (session.ended || signal.aborted) break;
          }
          return { answers, output: session.output, steps: session.machine.steps, pc: session.machine.pc };
        })();
      },
      get text() {
        return talk(session, signal);
      },
    };
  },
});

function lines(): AsyncIterable<string> {
  return createInterface({ input: process.stdin });
}

async function* fromScript(session: Session, signal: AbortSignal): AsyncGenerator<string> {
  for await (const line of lines()) {
    const answer = await session.execute(line, signal);
    if (session.ended) return;
    yield `${PROMPT}${line}\n${answer}\n`;
    if (signal.aborted) return;
  }
}

/** A screen that is drawn anew after each command; Ctrl-C ends a run, and at the prompt the session. */
async function* onTerminal(session: Session): AsyncGenerator<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: PROMPT });
  let running: AbortController | undefined;
  terminal.on('SIGINT', () => (running === undefined ? terminal.close() : running.abort()));
  const screen = (answer: string) => {
    const { columns = 80, rows = 24 } = process.stdout;
    return `${ansi.clearViewport}${view(session, answer, { columns, rows }).join('\n')}\n`;
  };
  const typed = terminal[Symbol.asyncIterator]();
  yield ansi.enterAlternativeScreen + screen('help lists the commands; an empty line is a step');
  try {
    for (;;) {
      terminal.prompt();
      const next = await typed.next();
      if (next.done === true) return;
      running = new AbortController();
      const answer = await session.execute(next.value, running.signal);
      running = undefined;
      if (session.ended) return;
      yield screen(answer);
    }
  } finally {
    terminal.close();
    yield ansi.exitAlternativeScreen;
  }
}
