import { library } from '@x/presets/tsup';
export default library({ entry: ['src/index.ts', 'src/testing.ts', 'src/cli.ts'] });
