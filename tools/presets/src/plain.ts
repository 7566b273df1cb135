/**
 * Shortens the plain JavaScript that binaryen's wasm2js prints. It computes the same, bit for bit: what goes are conversions to
 * integers of integers, first values that are never read, views that are never used, and long ways to say a loop.
 *
 * Works on wasm2js's layout: one statement a line, indented by one space a block.
 */
import { minify } from 'terser';

export async function shorten(source: string, names: string): Promise<string> {
  const { code } = await minify(withoutNames(withinTwoGiB(sorted(withoutUnusedViews(source))), names), {
    module: true,
    // Functions are inlined by binaryen where that pays; here it would make closures that are created at each call.
    // Nothing is read for its side effects.
    compress: { passes: 3, inline: false, reduce_funcs: false, pure_getters: true },
  });
  if (code === undefined) throw new Error('terser printed nothing');
  return code;
}

/** Functions in the order of their names, which brings the f32 and f64 twins together: gzip then sees the repetition. */
function sorted(source: string): string {
  const functions: [name: string, text: string][] = [];
  const rest = source.replace(
    /^ function ([\w$]+)\((.*)\) \{\n([\s\S]*?)^ \}$/gm,
    (text, name: string, parameters: string, body: string) => {
      functions.push([name, name.startsWith('__wasm') ? text : ` function ${name}(${parameters}) {\n${lean(parameters, body)} }`]);
      return functions.length === 1 ? '/* functions */' : '';
    },
  );
  functions.sort(([a], [b]) => (a < b ? -1 : 1));
  return rest.replace('/* functions */', () => functions.map(([, text]) => text).join('\n'));
}

function lean(parameters: string, body: string): string {
  const declared =
    /^ {2}var (.*);$/m
      .exec(body)?.[1]
      ?.split(', ')
      .map((variable) => variable.split(' = ')[0] as string) ?? [];
  const locals = new Set([...parameters.split(', '), ...declared]);
  return withoutFirstValues(
    declared,
    body
      // Who calls passes whole numbers; unsigned ones meet bit operations before anything that tells them from signed ones.
      .replace(/^ {2}(\$\d+) = \1 \| 0;\n/gm, '')
      // Locals hold 32-bit integers, or truth values, which count as 0 and 1 wherever integers do.
      .replace(/(?<![\w$]|if |while )\(([\w$]+) \| 0\)/g, (text, name: string) => (locals.has(name) ? name : text))
      .replace(/^( *(?:\} else )?if \(.*) \| 0\) \{$/gm, '$1) {'),
  );
}

/** A variable needs no first value when its first mention is an assignment whose block holds all other mentions. */
function withoutFirstValues(variables: readonly string[], body: string): string {
  const lines = body.split('\n');
  const start = lines.findIndex((line) => line.startsWith('  var ')) + 1;
  const idle = variables.filter((name) => {
    const mention = new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`);
    const mentions = lines.flatMap((line, i) => (i >= start && mention.test(line) ? [i] : []));
    const first = mentions[0] ?? start;
    const [, indent, value] = /^( *)[\w$]+ = (.*)$/.exec(lines[first] as string) ?? [];
    if (indent === undefined || !lines[first]?.startsWith(`${indent}${name} = `) || mention.test(value as string)) return false;
    const end = lines.findIndex((line, i) => i > first && !line.startsWith(indent));
    return end < 0 || (mentions.at(-1) as number) < end;
  });
  const known = new Set(idle);
  return body.replace(/^ {2}var .*$/m, (line) =>
    line.replace(/([\w$]+) = [^,;]+/g, (text, name: string) => (known.has(name) ? name : text)),
  );
}

/** wasm2js makes eight views of memory; only the bytes are always needed, to copy them when memory grows. */
function withoutUnusedViews(source: string): string {
  const unused = ['HEAP16', 'HEAP32', 'HEAPU8', 'HEAPU16', 'HEAPU32', 'HEAPF32', 'HEAPF64'].filter((view) => !source.includes(`${view}[`));
  return source.replace(/^ *(?:var )?bufferView\b.*\n/gm, '').replace(new RegExp(`^ *(?:var )?(?:${unused.join('|')}) = .*\\n`, 'gm'), '');
}

/** Views are indexed by addresses as signed integers, so memory ends where those do: allocation has to fail there. */
function withinTwoGiB(source: string): string {
  const limit = 'newPages < 65536';
  if (!source.includes(limit)) throw new Error('wasm2js grows memory in an unexpected way');
  return source.replace(limit, 'newPages < 32768');
}

/** Exports become a list in the order of `names`; of memory, which wasm2js lets the host grow, ours only reads the buffer. */
function withoutNames(source: string, names: string): string {
  const [, entries] = /^ return \{\n([\s\S]*?)^ {2}"memory": Object\.create[\s\S]*?^ \};\n/m.exec(source) ?? [];
  if (entries === undefined) throw new Error('wasm2js exports in an unexpected way');
  const values = new Map([...entries.matchAll(/"(\w+)": ([\w$]+), /g)].map(([, name, value]) => [name as string, value as string]));
  values.set('memory', '{ get buffer() { return buffer; } }').set('table', 'undefined');
  const list = names.split(' ').map((name) => values.get(name));
  if (list.includes(undefined) || list.length !== values.size) throw new Error('the kernels export different functions');
  return source.replace(/^ return \{\n[\s\S]*?^ \};\n/m, () => ` return [${list.join(', ')}];\n`);
}
