import { checkChoice, checkFunction, checkRange, checkWhole } from '../check.ts';
import { type FixedPointOptions, METHODS, type Settings } from './contract.ts';
import { TABLE } from './methods.ts';

/** Checks options and fills in their defaults. @throws ArgumentError. */
export function settingsOf(operation: string, dimension: number, options: FixedPointOptions): Settings {
  const asked = options.method ?? 'auto';
  checkChoice(operation, 'method', asked, METHODS);
  const method = asked !== 'auto' ? asked : dimension === 1 ? 'aitken' : 'anderson';
  const { memory, damping } = TABLE[method];
  const settings: Settings = {
    method,
    memory: options.memory ?? memory,
    damping: options.damping ?? damping,
    rtol: options.rtol ?? 1e-10,
    atol: options.atol ?? 1e-10,
    norm: options.norm ?? 'infinity',
    maxIterations: options.maxIterations ?? 1000,
    maxEvaluations: options.maxEvaluations ?? Infinity,
    conditionCap: options.conditionCap ?? 1e8,
  };
  checkWhole(operation, 'memory', settings.memory, 1, 10_000);
  checkRange(operation, 'damping', settings.damping, Number.MIN_VALUE, 1);
  checkRange(operation, 'rtol', settings.rtol, 0, 1);
  checkRange(operation, 'atol', settings.atol, 0);
  checkChoice(operation, 'norm', settings.norm, ['infinity', 'euclidean']);
  checkWhole(operation, 'maxIterations', settings.maxIterations, 1);
  if (settings.maxEvaluations !== Infinity) checkWhole(operation, 'maxEvaluations', settings.maxEvaluations, 1);
  checkRange(operation, 'conditionCap', settings.conditionCap, 1);
  for (const name of ['jacobian', 'jvp', 'onIteration'] as const) {
    if (options[name] !== undefined) checkFunction(operation, name, options[name]);
  }
  return settings;
}
