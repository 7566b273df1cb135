/** What a source file imports, and what it may. */
import { isBuiltin } from 'node:module';

const IMPORT =
  /(?:^|[\s;])(?:import|export)\s(?:[^'";]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|\brequire\(\s*['"]([^'"]+)['"]/g;

/** Specifiers of a file's imports, dynamic ones and re-exports too; comments do not count. */
export function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(IMPORT)].map((match) => (match[1] ?? match[2] ?? match[3]) as string);
}

/** `@x/linalg/errors` -> `@x/linalg`. */
export function packageOf(specifier: string): string {
  const [scope, second] = specifier.split('/') as [string, string | undefined];
  return scope.startsWith('@') ? `${scope}/${second}` : scope;
}

export interface Rules {
  /** The package's own name: no file of it imports it so. */
  readonly name: string;
  /** Names of packages that may be imported. */
  readonly declared: readonly string[];
  /** Whether Node's own modules may be imported. */
  readonly node: boolean;
  /** Folders that relative imports may reach, relative to the repository. */
  readonly folders: readonly string[];
}

/** The imports of a file that the rules forbid. */
export function forbiddenImports(path: string, source: string, { name, declared, node, folders }: Rules): string[] {
  return importsOf(source).filter((specifier) => {
    if (specifier.startsWith('.')) {
      const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
      return !folders.some((folder) => target.startsWith(`${folder}/`));
    }
    if (isBuiltin(specifier)) return !node;
    const owner = packageOf(specifier);
    return owner === name || !declared.includes(owner);
  });
}
