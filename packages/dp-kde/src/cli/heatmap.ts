import { writeFile } from 'node:fs/promises';
import { type Command, command, UsageError } from '@x/cli';
import { PNG } from 'pngjs';
import { heatmap, heatmapPixels, heatmapSvg } from '../index.ts';
import { ORACLE, readOracle } from './oracle.ts';

export const image: Command = command({
  description: 'A picture of an oracle of two columns: bright where the private rows are near.',
  positionals: [ORACLE],
  options: {
    out: { type: 'text', value: 'FILE', help: 'a .png or .svg' },
    width: { type: 'integer', default: 512, min: 1, max: 8192, help: 'pixels' },
    height: { type: 'integer', default: 512, min: 1, max: 8192, help: 'pixels' },
  },
  examples: [{ text: 'As PNG:', command: 'dp-kde heatmap oracle.bin --out map.png' }],
  async run({ options, positionals }) {
    const { out, width, height } = options;
    if (!out || !/\.(png|svg)$/.test(out)) throw new UsageError('--out must name a .png or .svg file');
    const map = heatmap(await readOracle(positionals[0]), { width, height });
    await writeFile(out, out.endsWith('.svg') ? heatmapSvg(map) : png(width, height, heatmapPixels(map)));
    return { data: { out, width, height }, text: out };
  },
});

function png(width: number, height: number, pixels: Uint8ClampedArray): Uint8Array {
  const picture = new PNG({ width, height });
  picture.data.set(pixels);
  return PNG.sync.write(picture);
}
