import colors from 'picocolors';
import sliceAnsi from 'slice-ansi';
import { litNeurons } from '../../index.ts';
import type { Session } from './session.ts';

export interface ViewSize {
  readonly columns: number;
  readonly rows: number;
}

/** Instructions shown before the one at pc, and in all. */
const BEFORE = 2;
const INSTRUCTIONS = 8;

/** Cells in a line of memory. */
const CELLS = 8;

/** The screen of a session: code around pc, the cells that it touches, lit neurons stage by stage, what was written, the last answer. */
export function view(session: Session, answer: string, { columns, rows }: ViewSize): string[] {
  const { machine, output } = session;
  const { design, words, bits } = machine.computer.architecture;
  const title = `${design}, ${words} words of ${bits} bits   pc ${machine.pc}   step ${machine.steps}${machine.halted ? '   halted' : ''}`;
  const answers = answer === '' ? [] : answer.split('\n').map(harmless);
  const top = [colors.inverse(fitted(title, columns).padEnd(columns)), ...code(session), ...memory(session)];
  const written = output === '' ? [] : [heading('output'), ...output.split('\n').slice(-4).map(harmless)];
  const bottom = [...written, ...(answers.length === 0 ? [] : [heading('answer'), ...answers])];
  const room = Math.max(0, rows - top.length - Math.min(bottom.length, Math.floor(rows / 2)) - 2);
  const lines = [...top, ...neurons(session, columns).slice(0, room), ...bottom];
  return lines.slice(0, Math.max(1, rows - 1)).map((line) => fitted(line, columns));
}

function heading(text: string): string {
  return colors.bold(colors.cyan(text));
}

function code({ machine, symbols, breakpoints }: Session): string[] {
  const { words } = machine.computer.architecture;
  const names = new Map([...symbols].map(([name, address]) => [address, name]));
  const named = (word: number) => (names.has(word) ? `${word}(${names.get(word)})` : String(word));
  const first = Math.max(machine.pc % 3, machine.pc - 3 * BEFORE);
  const lines: string[] = [];
  for (let at = first; at < words && lines.length < INSTRUCTIONS; at += 3) {
    const mark = `${breakpoints.has(at) ? '*' : ' '}${at === machine.pc ? '>' : ' '}`;
    const line = `${mark} ${named(at).padStart(12)}  ${[0, 1, 2].map((k) => named(machine.word(at + k)).padEnd(12)).join(' ')}`;
    lines.push(at === machine.pc ? colors.green(line) : line);
  }
  return [heading('code'), ...lines];
}

/** Lines of memory with the cells that the instruction at pc names, those watched, and those just changed. */
function memory({ machine, watched, changed }: Session): string[] {
  const { words } = machine.computer.architecture;
  const [A, B] = [machine.word(machine.pc), machine.word(machine.pc + 1)];
  const starts = new Set([...changed, A, B, ...watched].filter((cell) => cell < words).map((cell) => cell - (cell % CELLS)));
  const lines = [...starts].slice(0, 5).map((start) => {
    const cells = Array.from({ length: Math.min(CELLS, words - start) }, (_, k) => {
      const text = String(machine.word(start + k)).padStart(6);
      if (changed.has(start + k)) return colors.red(text);
      return [A, B].includes(start + k) ? colors.yellow(text) : text;
    });
    return `${String(start).padStart(6)}: ${cells.join(' ')}`;
  });
  return [heading('memory'), ...lines];
}

function neurons(session: Session, columns: number): string[] {
  if (!session.fresh) return [];
  const { machine } = session;
  const lines = machine.computer.stages.map(({ name }, k) => {
    const lit = litNeurons(machine, k, { most: 8 }).map((neuron) => `${neuron.name}=${neuron.value}`);
    return fitted(`${String(k).padStart(3)} ${name.padEnd(16)} ${lit.join('  ')}`, columns);
  });
  return [heading('lit neurons'), ...lines];
}

/** What a program wrote may hold characters that move the cursor. */
function harmless(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ');
}

function fitted(line: string, columns: number): string {
  return sliceAnsi(line, 0, columns);
}
