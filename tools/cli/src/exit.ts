/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** A check that the command makes did not hold. */
  failed: 1,
  usage: 2,
  input: 3,
  /** An error that nobody foresaw: a defect of the program. */
  defect: 70,
  interrupted: 130,
} as const;

/** The command was called in a wrong way. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Errors by class name, so that this tool need not import the packages; other descendants of XError count as bad input. */
const BY_NAME: Readonly<Record<string, number>> = {
  UsageError: EXIT.usage,
  ArgumentError: EXIT.usage,
  NotConvergedError: EXIT.failed,
  VerificationError: EXIT.failed,
  XError: EXIT.input,
};
const FILE_TROUBLE: readonly string[] = ['ENOENT', 'EISDIR', 'ENOTDIR', 'EACCES', 'EPERM', 'EEXIST', 'ENOSPC', 'EROFS'];

/** The exit code for an error, found by its name, its ancestors' names or its system code. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof Error)) return EXIT.defect;
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined && FILE_TROUBLE.includes(code)) return EXIT.input;
  for (const name of names(error)) {
    const known = BY_NAME[name];
    if (known !== undefined) return known;
  }
  return EXIT.defect;
}

/** The error's own name, then its class's and ancestors' names; a bundler may have put an underscore before one. */
function names(error: Error): string[] {
  const found = [error.name];
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    found.push(String(proto.constructor?.name).replace(/^_+|\d+$/g, ''));
  }
  return found;
}
