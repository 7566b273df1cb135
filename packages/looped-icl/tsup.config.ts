import { library } from '@x/presets/tsup';
export default library({ entry: ['src/index.ts', 'src/table.ts', 'src/cli.ts'] });
