import { AssertionError } from 'node:assert';
import fc from 'fast-check';

/**
 * Asserts that a check fails on something broken on purpose, which shows that the check can fail at all. It has to fail as a check: by
 * an assertion (vitest's `expect`, node:assert) or a fast-check property that is false. A mutant that merely crashes (a TypeError, a
 * refused argument) proves nothing about the check and is reported.
 *
 * Counterexamples are not shrunk inside: they are wanted, and nobody reads them.
 *
 * Use the very property that the right implementation passes in the test beside it. A property written as `(a) => expect(a).toBe(a)`
 * fails always, because fast-check takes what `expect` returns for a `false`; write braces.
 */
export function mustFail(check: () => Promise<unknown>): Promise<void>;
export function mustFail(check: () => void): void;
export function mustFail(check: () => unknown): void | Promise<void> {
  const settings = fc.readConfigureGlobal() ?? {};
  fc.configureGlobal({ ...settings, endOnFailure: true });
  let outcome: unknown;
  try {
    outcome = check();
  } catch (error) {
    return judge(error);
  } finally {
    fc.configureGlobal(settings);
  }
  return outcome instanceof Promise ? outcome.then(passed, judge) : passed();
}

function passed(): never {
  throw new AssertionError({
    message: 'mustFail: the check passed on the broken implementation, so it cannot tell right from wrong; sharpen it, or break more',
  });
}

function judge(error: unknown): void {
  const root = rootCause(error);
  if (isAssertion(root)) return;
  const what = root instanceof Error ? `${root.name}: ${root.message}` : String(root);
  throw new AssertionError({
    message: `mustFail: the broken implementation crashed instead of giving a wrong result, which shows nothing about the check (${what})`,
    operator: 'mustFail',
  });
}

function rootCause(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root;
}

function isAssertion(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AssertionError' || isMatcherError(error) || error.message === 'Property failed by returning false';
}

/** What vitest throws for a matcher added by `expect.extend`; the class is not exported. */
function isMatcherError(error: Error): boolean {
  return error.constructor.name === 'JestExtendError';
}
