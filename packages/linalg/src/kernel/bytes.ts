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
    return words[frequent[number] ?? (number - SINGLE) * COUNT + next()] as readonly number[];
  };
  const words = Array.from({ length: 256 }, (_, byte) => [byte]);
  for (let pairs = next(); pairs > 0; pairs--) words.push([...read(), ...read()]);
  const bytes = new Uint8Array(text.length * Math.max(...words.map(({ length }) => length)));
  let size = 0;
  // Runs once, so before anything is optimised: plain loops are three times as fast here.
  while (at < text.length) {
    const word = read();
    for (let i = 0; i < word.length; ) bytes[size++] = word[i++] as number;
  }
  return bytes.slice(0, size);
}
