import { ArgumentError } from '@x/linalg/errors';
import { checkWhole } from './check.ts';
import type { Bounds } from './design.ts';

/** A distance or kernel oracle. */
export interface Asked {
  readonly design: { readonly bounds: readonly Bounds[] };
  queryBatch(Y: Float64Array): Float64Array;
}

export interface Heatmap {
  readonly width: number;
  readonly height: number;
  /** Answers at the middles of the pixels, row by row, the largest second coordinate first. */
  readonly values: Float64Array;
}

/**
 * The answers of an oracle of two columns over its box. Post-processing: it costs no privacy.
 *
 * @throws ArgumentError unless the oracle has two columns and the sizes are whole numbers in [1, 8192].
 */
export function heatmap(oracle: Asked, { width = 512, height = 512 }: { readonly width?: number; readonly height?: number } = {}): Heatmap {
  const { bounds } = oracle.design;
  if (bounds.length !== 2) throw new ArgumentError(`heatmap: the oracle has ${bounds.length} columns; it must have 2`, 'oracle');
  checkWhole('heatmap', 'width', width, 1, 8192);
  checkWhole('heatmap', 'height', height, 1, 8192);
  const [[left, right], [bottom, top]] = bounds as [readonly [number, number], readonly [number, number]];
  const Y = new Float64Array(2 * width * height);
  for (let r = 0, p = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      Y[p++] = left + ((c + 0.5) / width) * (right - left);
      Y[p++] = top - ((r + 0.5) / height) * (top - bottom);
    }
  }
  return { width, height, values: oracle.queryBatch(Y) };
}

/** Dark blue over green to yellow, at 0, 1/4, ... 1 (the colours of viridis). */
const COLOURS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

/** RGBA of a heatmap: the least value is bright, as the least distance should be; with `bright` `most` the largest, as of densities. */
export function heatmapPixels({ values }: Heatmap, { bright = 'least' }: { readonly bright?: 'least' | 'most' } = {}): Uint8ClampedArray {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (let i = 0; i < values.length; i++) {
    const t = high > low ? (4 * (bright === 'least' ? high - (values[i] as number) : (values[i] as number) - low)) / (high - low) : 0;
    const k = Math.min(3, Math.floor(t));
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = COLOURS[k]![c]! + (t - k) * (COLOURS[k + 1]![c]! - COLOURS[k]![c]!);
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/** The same as SVG, one rectangle a pixel: for small sizes. */
export function heatmapSvg(map: Heatmap): string {
  const pixels = heatmapPixels(map);
  const cells = Array.from(map.values, (_, i) => {
    const [r, g, b] = pixels.subarray(4 * i, 4 * i + 3);
    return `<rect x="${i % map.width}" y="${Math.floor(i / map.width)}" width="1.02" height="1.02" fill="rgb(${r},${g},${b})"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${map.width} ${map.height}">${cells.join('')}</svg>\n`;
}
