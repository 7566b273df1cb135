/** Words that tell of the machine on which a file was made, and so mean nothing to whoever reads it elsewhere. */
const TRACES = [
  // Absolute paths of a machine; the lookbehind leaves addresses and relative paths alone.
  /(?<![\w.~:/-])\/(?:work|root|home\/\w+|Users\/\w+|tmp\/\w+)\/[\w./-]*/g,
  /\b[A-Z]:\\\\?Users\\\\?\w+/g,
  // Package registries and mirrors.
  /\bregistry\.(?:npmjs|yarnpkg|npmmirror)\.\w+/g,
];

/** The traces in a text, each once. */
export function traces(text: string): string[] {
  return [...new Set(TRACES.flatMap((pattern) => text.match(pattern) ?? []))];
}
