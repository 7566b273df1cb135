/** The characters that stand for numbers, by their codes: the printable ones that need no escape anywhere in a script. */
const NUMBERS = new Uint8Array(127);
const COUNT = 87;
const SINGLE = COUNT - 4;

/** The bytes that build-kernel wrote as text; tools/presets/src/encode.ts says how. */
export function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  for (let code = 35, number = 0; code < 127; code++) if (!"$'<\\`".includes(String.fromCharCode(code))) NUMBERS[code] = number++;
  let at = 0;
  let symbol = 0;
  const next = () => NUMBERS[text.charCodeAt(at++)] as number;
  const frequent = Array.from({ length: SINGLE }, () => {
    for (let step = COUNT - 1; step === COUNT - 1; symbol += step) step = next();
    return symbol;
  });
  const read = () => {
    const number = next();
    return frequent[number] ?? (number - SINGLE) * COUNT + next();
  };
  const pairs = Array.from({ length: next() }, () => [read(), read()]);
  const bytes: number[] = [];
  const put = (symbol: number): void => {
    if (symbol < 256) bytes.push(symbol);
    else pairs[symbol - 256]!.forEach(put);
  };
  while (at < text.length) put(read());
  return Uint8Array.from(bytes);
}
