/**
 * Bytes as printable characters that need no escape in quotes, templates or inline scripts, and that gzip compresses as well as the
 * bytes themselves. Read back by `decodeBytes` of @x/linalg.
 *
 * The symbols are the bytes 0 to 255, and 256 + x for WebAssembly's frequent pair `local.get x`. The most frequent symbols are one
 * character each; other bytes are two, of which the first says which third of the bytes is meant. The text begins with the frequent
 * symbols in ascending order, each as the difference to the one before; a character for 86 is followed by more of the difference.
 */
const CHARACTERS: readonly string[] = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i)).filter(
  (c) => !"$'<\\`".includes(c),
);
const SINGLE: number = CHARACTERS.length - 3;
const LOCAL_GET = 0x20;

export function encodeBytes(bytes: Uint8Array): string {
  const frequent = mostFrequent(symbols(bytes, () => true));
  const rank = new Map(frequent.map((symbol, i) => [symbol, i]));
  const escaped = (byte: number): string => character(SINGLE + Math.floor(byte / CHARACTERS.length)) + character(byte % CHARACTERS.length);
  const header = frequent.map((symbol, i) => difference(symbol - (frequent[i - 1] ?? 0)));
  const body = symbols(bytes, (pair) => rank.has(pair)).map((symbol) => {
    const single = rank.get(symbol);
    return single === undefined ? escaped(symbol) : character(single);
  });
  return header.concat(body).join('');
}

function character(index: number): string {
  return CHARACTERS[index] as string;
}

function difference(x: number): string {
  const most = CHARACTERS.length - 1;
  return x < most ? character(x) : character(most) + difference(x - most);
}

/** The bytes, and pairs where `paired` allows the symbol. */
function symbols(bytes: Uint8Array, paired: (symbol: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const next = bytes[i + 1];
    if (byte === LOCAL_GET && next !== undefined && paired(256 + next)) {
      found.push(256 + next);
      i++;
    } else found.push(byte);
  }
  return found;
}

/** As many symbols as have one character, ascending. */
function mostFrequent(all: readonly number[]): number[] {
  const counts = new Map<number, number>(Array.from({ length: 256 }, (_, byte) => [byte, 0]));
  for (const symbol of all) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const ranked = [...counts].sort(([s, a], [t, b]) => b - a || s - t).map(([symbol]) => symbol);
  return ranked.slice(0, SINGLE).sort((s, t) => s - t);
}
