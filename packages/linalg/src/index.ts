export * from './dense.ts';
export * from './errors.ts';
export * from './random/rng.ts';
