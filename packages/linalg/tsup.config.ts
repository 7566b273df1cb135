import { library } from '@x/presets/tsup';
export default library({ entry: ['src/index.ts', 'src/errors.ts', 'src/ml-matrix.ts'] });
