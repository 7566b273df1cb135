import { ArgumentError } from '@x/linalg/errors';
import { shown } from './arguments.ts';
import { unsigned } from './asm/image.ts';

export interface Input {
  /** The next word, which stays the next; undefined where there is none. */
  peek(): number | undefined;
  take(): void;
  /** Puts a word back that was taken; it is the next then. */
  giveBack(value: number): void;
}

/** Words to be read, one ahead, so that a step that finds none has not begun. */
export function inputOf(source: Iterable<number> | (() => number | undefined), atEnd: number | undefined, bits: number): Input {
  if (typeof source !== 'function' && typeof source?.[Symbol.iterator] !== 'function') {
    throw new ArgumentError(`createMachine: input is ${shown(source)}; it must be a function or an iterable of words`, 'input');
  }
  const iterator = typeof source === 'function' ? undefined : source[Symbol.iterator]();
  const next = typeof source === 'function' ? source : () => iterator!.next().value as number | undefined;
  /** Words that were looked at or given back; the last is the next to be read. */
  const held: number[] = [];
  let taken = 0;
  return {
    peek(): number | undefined {
      if (held.length === 0) {
        const value = next();
        if (value === undefined) return atEnd;
        held.push(unsigned('step: input', value, bits, taken));
      }
      return held[held.length - 1];
    },
    take(): void {
      if (held.length > 0) {
        held.pop();
        taken++;
      }
    },
    giveBack(value: number): void {
      held.push(value);
      taken--;
    },
  };
}
