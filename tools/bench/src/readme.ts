/** The figures of READMEs, made from result files: tables of a package's own README, ratios of the repository's. */
import { markdown, ratio } from './format.ts';
import type { RunResult, SuiteResult } from './results.ts';

const NOTHING = 'not yet measured';
const RATIO = /<!-- ratio:([^;>]+);([^;>]+);([^;>]+);([^;>]+);([^;>]+) -->[^\n|]*?<!-- \/ratio -->/g;

/** Names of the suites that have a place in a README, between `<!-- bench:SUITE -->` and `<!-- /bench:SUITE -->`. */
export function placesIn(readme: string): string[] {
  return [...readme.matchAll(/<!-- bench:(\S+) -->/g)].map((match) => match[1] as string);
}

/** A package's README with the table of a suite at its place; undefined when it has none. */
export function withTable(readme: string, suite: string, result: SuiteResult | undefined): string | undefined {
  const [open, close] = [`<!-- bench:${suite} -->`, `<!-- /bench:${suite} -->`];
  const start = readme.indexOf(open);
  const end = readme.indexOf(close, start);
  if (start < 0 || end < 0) return undefined;
  const text = result === undefined ? '\n' : `\n\n${markdown(result)}\n`;
  return `${readme.slice(0, start + open.length)}${text}${readme.slice(end)}`;
}

/**
 * The repository's README with a package's ratios at their places,
 * `<!-- ratio:PACKAGE; SUITE; CASE; CONTENDER; OTHER -->...<!-- /ratio -->`: the speed of CONTENDER over that of OTHER.
 *
 * @throws Error when a result has no such case or contender.
 */
export function withRatios(readme: string, name: string, results: readonly SuiteResult[]): string {
  return readme.replace(RATIO, (place, ...groups: string[]) => {
    const [owner, suite, label, of, over] = groups.slice(0, 5).map((group) => group.trim()) as [string, string, string, string, string];
    if (owner !== name) return place;
    const runs = results.find((result) => result.suite === suite)?.runs ?? [];
    const found = runs.flatMap((run) => {
      const text = ratioIn(run, label, of, over);
      return text === '' ? [] : [`${text} on Node ${run.node.slice(1)}`];
    });
    return `<!-- ratio:${owner}; ${suite}; ${label}; ${of}; ${over} -->${found.join(', ') || NOTHING}<!-- /ratio -->`;
  });
}

/** Names of the packages that have a ratio in the repository's README. */
export function ratioOwners(readme: string): string[] {
  return [...readme.matchAll(RATIO)].map((match) => (match[1] as string).trim());
}

/** Ratios are stored where they were asked for: with the first contender's comparisons, and with targets. */
function ratioIn({ node, cases, bars, unfinished = [] }: RunResult, label: string, of: string, over: string): string {
  if (unfinished.includes(label)) return '';
  const contenders = cases.find((one) => one.label === label)?.contenders ?? [];
  const missing = [of, over].find((name) => !contenders.some((each) => each.name === name));
  if (missing !== undefined) throw new Error(`the result of ${node} has no case '${label}' with a contender '${missing}'`);
  const target = bars.find((bar) => bar.case === label && bar.of === of && bar.over === over);
  const compared = contenders[0]?.name === of ? contenders.find((each) => each.name === over) : undefined;
  return ratio(target?.ratio ?? compared?.ratio);
}
