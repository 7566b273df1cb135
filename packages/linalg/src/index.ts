export * from './dense.ts';
export { exp } from './elementary/exp.ts';
export { log } from './elementary/log.ts';
export { cosPi, sinPi } from './elementary/trig.ts';
export * from './errors.ts';
export * from './random/rng.ts';
