/** What the kernel exports, a file a subject. Pointers are byte addresses, strides count elements. */
export { allocate, mark, release } from './arena';
export * from './blas/exports';
export * from './random/exports';
export * from './elementary/exports';
export * from './lapack/exports';
export * from './sketch/exports';
export * from './level1/exports';
export * from './sparse/exports';
