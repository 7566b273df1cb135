import type { Machine } from '../index.ts';

const COLUMNS = 16;
const ROWS = 16;

/** A window of the memory: the instruction at pc, the cells that it names, and those just changed stand out. */
export function drawMemory(into: HTMLElement, machine: Machine, from: number, changed: ReadonlySet<number>): void {
  const { words } = machine.computer.architecture;
  const first = Math.max(0, Math.min(Number.isInteger(from) ? from : 0, words - 1));
  const [A, B] = [machine.word(machine.pc), machine.word(machine.pc + 1)];
  const cells: HTMLElement[] = [];
  for (let row = first; row < Math.min(words, first + ROWS * COLUMNS); row += COLUMNS) {
    cells.push(span(String(row), 'address'));
    for (let cell = row; cell < row + COLUMNS; cell++) {
      if (cell >= words) {
        cells.push(span('', 'address'));
        continue;
      }
      const atPc = cell >= machine.pc && cell < machine.pc + 3;
      const shown = span(String(machine.word(cell)), changed.has(cell) ? 'changed' : atPc ? 'pc' : cell === A || cell === B ? 'read' : '');
      shown.title = `memory[${cell}]`;
      cells.push(shown);
    }
  }
  into.replaceChildren(...cells);
}

function span(text: string, kind: string): HTMLElement {
  const made = document.createElement('span');
  made.textContent = text;
  made.className = kind;
  return made;
}
