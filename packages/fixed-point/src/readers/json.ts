import { BadFileError, dense, XError } from '@x/linalg';
import type { ActivationSpec } from '../net/activation.ts';
import { type LoopedNet, loopedNet } from '../net/looped-net.ts';

/**
 * A network as JSON: `{ "layers": [{ "weights": [[1, 0], [0, 1]], "bias": [0, 0], "activation": "tanh" }], "residual": 0 }`. Bias, activation and
 * residual may be missing; activations are written as ActivationSpec says.
 *
 * @param json - text, or what JSON.parse gives.
 * @throws BadFileError naming what is wrong.
 */
export function readJsonNet(json: unknown): LoopedNet {
  const model = typeof json === 'string' ? parse(json) : json;
  refuseUnknown(model, ['layers', 'residual'], 'the model');
  const { layers, residual = 0 } = (model ?? {}) as { layers?: unknown; residual?: unknown };
  if (!Array.isArray(layers) || layers.length === 0) throw new BadFileError('model: layers must be an array of layers');
  if (typeof residual !== 'number') throw new BadFileError(`model: residual is ${String(residual)}; it must be a number`);
  try {
    return loopedNet(
      layers.map((layer, k) => layerOf(layer, k)),
      { residual },
    );
  } catch (error) {
    // What loopedNet refuses is here the file's fault, not the caller's.
    if (error instanceof XError && !(error instanceof BadFileError)) throw new BadFileError(`model: ${error.message}`);
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadFileError(`model: it is not JSON (${(error as Error).message})`);
  }
}

/** A misspelt key would give another network without a word. */
function refuseUnknown(object: unknown, known: readonly string[], where: string): void {
  const stranger = Object.keys((object ?? {}) as object).find((key) => !known.includes(key));
  if (stranger !== undefined && !Array.isArray(object))
    throw new BadFileError(`model: ${where} has a key ${JSON.stringify(stranger)}; known are ${known.join(', ')}`);
}

function layerOf(layer: unknown, k: number) {
  refuseUnknown(layer, ['weights', 'bias', 'activation'], `layers[${k}]`);
  const { weights, bias, activation = 'identity' } = (layer ?? {}) as { weights?: unknown; bias?: unknown; activation?: ActivationSpec };
  if (!Array.isArray(weights) || weights.length === 0) throw new BadFileError(`model: layers[${k}].weights must be an array of rows`);
  const cols = Array.isArray(weights[0]) ? weights[0].length : 0;
  const data = new Float64Array(weights.length * cols);
  for (const [i, row] of weights.entries()) {
    if (!Array.isArray(row) || row.length !== cols || cols === 0 || !row.every((v) => typeof v === 'number')) {
      throw new BadFileError(`model: layers[${k}].weights[${i}] must be a row of ${cols || 'some'} numbers`);
    }
    data.set(row, i * cols);
  }
  const { coefficients } = (typeof activation === 'object' ? (activation ?? {}) : {}) as { coefficients?: unknown };
  if (coefficients !== undefined && !(Array.isArray(coefficients) && coefficients.every((v) => typeof v === 'number')))
    throw new BadFileError(`model: layers[${k}].activation.coefficients must be an array of numbers`);
  const isBias = bias === undefined || (Array.isArray(bias) && bias.every((v) => typeof v === 'number'));
  if (!isBias) throw new BadFileError(`model: layers[${k}].bias must be an array of numbers`);
  return { weights: dense(weights.length, cols, data), activation, ...(bias === undefined ? {} : { bias: bias as number[] }) };
}

/** The JSON of a network, as `readJsonNet` reads it. */
export function netToJson({ layers, residual }: Pick<LoopedNet, 'layers' | 'residual'>): Record<string, unknown> {
  return {
    layers: layers.map(({ weights, bias, inputs, outputs, activation }) => ({
      weights: Array.from({ length: outputs }, (_, i) => Array.from(weights.subarray(i * inputs, (i + 1) * inputs))),
      bias: Array.from(bias),
      activation:
        typeof activation === 'object' && 'coefficients' in activation
          ? { ...activation, coefficients: Array.from(activation.coefficients) }
          : activation,
    })),
    residual,
  };
}
