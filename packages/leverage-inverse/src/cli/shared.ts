/** Options that several commands share. */
export const DESIGN = {
  design: { type: 'text', value: 'FILE', default: 'A.csv', help: 'the matrix A: CSV or .npy, gzipped or not, - for stdin' },
  offsets: { type: 'text', value: 'FILE', help: 'the offsets b; default zeros' },
} as const;

export const GRADIENT = {
  type: 'text',
  value: 'FILE',
  default: 'c.csv',
  help: 'the gradient c = A_x^T sigma; negate that of log det / 2',
} as const;

export const NOISE = { type: 'number', min: 0, help: 'a bound of the error of c, Euclidean' } as const;

/** Lines of cells, columns aligned. */
export function table(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, c) => Math.max(...lines.map((line) => line[c]!.length)));
  return lines.map((line) => line.map((cell, c) => cell.padStart(widths[c]!)).join('  ')).join('\n');
}
