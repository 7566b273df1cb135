// What makes the matrices that the functions here take: users need no second package for it.
export { type Dense, fromRows } from '@x/linalg';
export { columnMeans } from './column-means.ts';
export type { ColumnMeansOptions } from './types.ts';
