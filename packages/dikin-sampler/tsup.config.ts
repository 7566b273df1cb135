import { library } from '@x/presets/tsup';
export default library({
  entry: ['src/index.ts', 'src/highs.ts', 'src/map.ts', 'src/plot.ts', 'src/sbml.ts', 'src/worker.ts', 'src/cli.ts'],
});
