/** A message in pieces, which are joined once at the end: weights may take hundreds of megabytes. */
export type Bytes = readonly Uint8Array[];

/** The wire format of protocol buffers: whole numbers by seven bits, least first; all else with its length before it. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

export function wholeField(field: number, value: number): Bytes {
  return [Uint8Array.from([...varint(field * 8), ...varint(value)])];
}

export function messageField(field: number, ...parts: readonly Bytes[]): Bytes {
  const content = parts.flat();
  return [Uint8Array.from([...varint(field * 8 + 2), ...varint(lengthOf(content))]), ...content];
}

export function bytesField(field: number, bytes: Uint8Array): Bytes {
  return messageField(field, [bytes]);
}

export function textField(field: number, value: string): Bytes {
  return bytesField(field, new TextEncoder().encode(value));
}

function lengthOf(bytes: Bytes): number {
  return bytes.reduce((total, { length }) => total + length, 0);
}

export function joined(bytes: Bytes): Uint8Array {
  const all = new Uint8Array(lengthOf(bytes));
  let at = 0;
  for (const piece of bytes) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
