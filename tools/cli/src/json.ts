/** One JSON document: typed arrays become arrays, bigints become strings, and what is not finite becomes null, as JSON has it. */
export function toJson(data: unknown): string {
  return `${JSON.stringify(data ?? null, (_key, value) => {
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as unknown as ArrayLike<number>);
    return typeof value === 'bigint' ? String(value) : value;
  })}\n`;
}

/** An error with its data fields, for --json. */
export function errorData(error: unknown): { error: Record<string, unknown> } {
  if (!(error instanceof Error)) return { error: { name: 'Error', message: String(error) } };
  const { name, message, stack: _stack, cause: _cause, partial: _partial, ...fields } = error as Error & Record<string, unknown>;
  return { error: { name, message, ...fields } };
}
