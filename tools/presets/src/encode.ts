/**
 * Bytes as printable characters that need no escape in quotes, templates or inline scripts, and that gzip compresses better than the
 * bytes themselves. Read back by `decodeBytes` of @x/linalg.
 *
 * The symbols are the bytes 0 to 255, and from 256 on pairs of earlier symbols that occur together much more often than chance has it.
 * The most frequent symbols are one character each; others are two, of which the first says how often 87 goes into the symbol. The
 * text begins with the frequent symbols in ascending order, each as the difference to the one before (a character for 86 is followed
 * by more of the difference); then come the number of pairs, the pairs, and the symbols.
 */
const CHARACTERS: readonly string[] = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i)).filter(
  (c) => !"$'<\\`".includes(c),
);
const COUNT: number = CHARACTERS.length;
const SINGLE: number = COUNT - 4;
const MOST_PAIRS = 72;
/** A pair has to save more bits than this: what it costs to be told. */
const PAIR_BITS = 200;

type Pair = readonly [first: number, second: number];

export function encodeBytes(bytes: Uint8Array): string {
  const pairs: Pair[] = [];
  let symbols: readonly number[] = [...bytes];
  while (pairs.length < MOST_PAIRS) {
    const pair = bestPair(symbols);
    if (pair === undefined) break;
    symbols = joined(symbols, pair, 256 + pairs.length);
    pairs.push(pair);
  }
  const frequent = mostFrequent(symbols, 256 + pairs.length);
  const single = new Map(frequent.map((symbol, i) => [symbol, character(i)]));
  const write = (symbol: number): string =>
    single.get(symbol) ?? character(SINGLE + Math.floor(symbol / COUNT)) + character(symbol % COUNT);
  const header = frequent.map((symbol, i) => difference(symbol - (frequent[i - 1] ?? 0)));
  return [...header, character(pairs.length), ...pairs.flat().map(write), ...symbols.map(write)].join('');
}

function character(index: number): string {
  return CHARACTERS[index] as string;
}

function difference(x: number): string {
  const most = COUNT - 1;
  return x < most ? character(x) : character(most) + difference(x - most);
}

/** The pair that saves most: its count times the information that one half has on the other, less a bit, which gzip finds itself. */
function bestPair(symbols: readonly number[]): Pair | undefined {
  const counts = countsOf(symbols);
  const together = countsOf(symbols.slice(1).map((symbol, i) => 1024 * (symbols[i] as number) + symbol));
  let best: Pair | undefined;
  let most = PAIR_BITS;
  for (const [key, count] of together) {
    const pair: Pair = [key >> 10, key & 1023];
    const apart = (counts.get(pair[0]) as number) * (counts.get(pair[1]) as number);
    const bits = count * (Math.log2((count * symbols.length) / apart) - 1);
    if (bits > most) [best, most] = [pair, bits];
  }
  return best;
}

function joined(symbols: readonly number[], [first, second]: Pair, pair: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === first && symbols[i + 1] === second) {
      result.push(pair);
      i++;
    } else result.push(symbols[i] as number);
  }
  return result;
}

function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** As many of the symbols below `end` as have one character, ascending. */
function mostFrequent(symbols: readonly number[], end: number): number[] {
  const counts = countsOf(symbols);
  const ranked = Array.from({ length: end }, (_, symbol) => symbol).sort((s, t) => (counts.get(t) ?? 0) - (counts.get(s) ?? 0) || s - t);
  return ranked.slice(0, SINGLE).sort((s, t) => s - t);
}
