export * from './dense.ts';
export * from './errors.ts';
