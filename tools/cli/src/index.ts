export { type Cli, type Command, type CommandSpec, type Context, command, type Piece, type Result, runCli } from './cli.ts';
export { EXIT, UsageError } from './exit.ts';
export type { Example } from './help.ts';
export {
  type FlagOption,
  type NumberOption,
  type Option,
  type Options,
  type Positional,
  SEED,
  type TextOption,
  type Values,
} from './options.ts';
export { readBytes } from './read.ts';
