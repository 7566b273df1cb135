import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A code block of a README that a reader can run. */
export interface ReadmeExample {
  /** `README line 12 (ts)`, for the test's name. */
  readonly title: string;
  readonly code: string;
  /** Text of the ```output block that follows it at once, if one does. */
  readonly output: string | undefined;
  /**
   * Runs it as a reader would, in a new process: a module that imports the package by its name (so `dist`, which must be built), or
   * shell lines in which `npx NAME` and `NAME` are the package's own commands. Rejects when it fails, takes over a minute, or prints
   * something else than `output`.
   */
  run(): Promise<{ stdout: string; stderr: string }>;
}

const EXTENSIONS: Readonly<Record<string, string>> = { ts: 'ts', typescript: 'ts', js: 'mjs', javascript: 'mjs', mjs: 'mjs', cjs: 'cjs' };
const SHELLS: readonly string[] = ['sh', 'bash', 'shell'];
const TIME_LIMIT_MS = 60_000;

/**
 * The runnable blocks of a README: fences marked ts, js, mjs, cjs, sh or bash, without the word `no-run` after the language and without
 * an install line.
 *
 * @param url - of a README in a package's folder: `new URL('../README.md', import.meta.url)`.
 * @param folder - of the package whose names the examples use. Default: where the README lies.
 */
export function readmeExamples(url: URL, folder: string = dirname(fileURLToPath(url))): ReadmeExample[] {
  const path = fileURLToPath(url);
  const blocks = fences(readFileSync(path, 'utf8'));
  return blocks.flatMap(({ language, flags, code, line, end }, k) => {
    const runnable = (language in EXTENSIONS || SHELLS.includes(language)) && !flags.includes('no-run') && !installs(language, code);
    if (!runnable) return [];
    const next = blocks[k + 1];
    const output = next?.language === 'output' && next.line <= end + 2 ? next.code : undefined;
    return [{ title: `README line ${line} (${language})`, code, output, run: () => runBlock(folder, language, code, line, output) }];
  });
}

interface Fence {
  readonly language: string;
  readonly flags: string[];
  readonly code: string;
  /** One-based lines of its first and last fence. */
  readonly line: number;
  readonly end: number;
}

function fences(markdown: string): Fence[] {
  const lines = markdown.split('\n');
  const found: Fence[] = [];
  for (let i = 0; i < lines.length; i++) {
    const open = /^(`{3,})([^`]*)$/.exec(lines[i] as string);
    if (!open) continue;
    const start = i;
    for (i++; i < lines.length && (lines[i] as string).trimEnd() !== open[1]; i++);
    const [language = '', ...flags] = (open[2] as string).trim().split(/\s+/);
    found.push({ language, flags, code: `${lines.slice(start + 1, i).join('\n')}\n`, line: start + 1, end: i + 1 });
  }
  return found;
}

function installs(language: string, code: string): boolean {
  return SHELLS.includes(language) && /\b(npm (i|install|add)|pnpm (i|install|add)|yarn add|bun add)\b/.test(code);
}

async function runBlock(folder: string, language: string, code: string, line: number, output: string | undefined) {
  // Inside the package's folder, so that its own name resolves to what it exports; ignored by git.
  const scratch = resolve(folder, 'test-results', 'readme', `line-${line}`);
  mkdirSync(scratch, { recursive: true });
  const extension = EXTENSIONS[language];
  const file = join(scratch, `block.${extension ?? 'sh'}`);
  writeFileSync(file, code);
  const [command, args] = extension ? [process.execPath, [file]] : ['sh', ['-eu', file]];
  const result = await execute(command, args, scratch, extension ? process.env.PATH : commands(folder, scratch));
  if (result.code !== 0) throw new Error(`README line ${line}: exit code ${result.code}\n${result.stderr}${result.stdout}`);
  if (output !== undefined && result.stdout.trimEnd() !== output.trimEnd()) {
    throw new Error(`README line ${line} prints\n${result.stdout}\nwhere README says\n${output}`);
  }
  return { stdout: result.stdout, stderr: result.stderr };
}

/** A PATH on which the package's commands, and an npx that knows only them, come first. */
function commands(folder: string, scratch: string): string {
  const bin = join(scratch, 'bin');
  mkdirSync(bin, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; bin?: Record<string, string> };
  const script = (name: string, body: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const own = Object.entries(manifest.bin ?? {});
  for (const [name, path] of own) script(name, `exec "${process.execPath}" "${resolve(folder, path)}" "$@"`);
  const only = own.length === 1 ? own[0]?.[0] : undefined;
  script('npx', `[ "$1" = -y ] && shift\n[ "$1" = "${manifest.name}" ] && { shift; exec "${only}" "$@"; }\nexec "$@"`);
  return `${bin}${delimiter}${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
}

function execute(command: string, args: string[], cwd: string, PATH: string | undefined) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done, fail) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIME_LIMIT_MS });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}
