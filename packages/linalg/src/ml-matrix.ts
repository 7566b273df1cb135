export { fromMlMatrix, toMlMatrix } from './ml-matrix/convert.ts';
export * from './ml-matrix/factorisations.ts';
export { gram, mmul } from './ml-matrix/products.ts';
export * from './ml-matrix/systems.ts';
