/** The last of what a program wrote, as text, which goes back with its machine. */
export interface Written {
  readonly text: string;
  /** Takes a word that the step of a number (`Machine.steps` after it) wrote. */
  add(word: number, step: number): void;
  /** Forgets what later steps wrote; what was there at `keep` stays. */
  back(steps: number): void;
  /** From here on all that there is stays: a machine whose state was replaced cannot go back beyond that. */
  keep(): void;
}

/** @param most - characters of `text`: a program may write without end. Some more are kept, for going back. */
export function writtenText(most: number): Written {
  const kept: { readonly text: string; readonly step: number }[] = [];
  let staying = 0;
  return {
    get text() {
      return kept
        .slice(-most)
        .map(({ text }) => text)
        .join('');
    },
    add(word, step) {
      kept.push({ text: String.fromCharCode(word % 65536), step });
      if (kept.length < 2 * most) return;
      kept.splice(0, most);
      staying = Math.max(0, staying - most);
    },
    back(steps) {
      while (kept.length > staying && kept[kept.length - 1]!.step > steps) kept.pop();
    },
    keep() {
      staying = kept.length;
    },
  };
}
