/** size-limit's plugins come without types; they are only handed on. */
declare module '@size-limit/esbuild' {
  const plugin: (...args: unknown[]) => unknown;
  export default plugin;
}
declare module '@size-limit/file' {
  const plugin: (...args: unknown[]) => unknown;
  export default plugin;
}
