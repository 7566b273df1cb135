/** What the kernel exports, a file a subject. Pointers are byte addresses, strides count elements. */
export { allocate, mark, release } from '../../linalg/assembly/arena';
export * from './spectrahedron/exports';
export * from './polytope/exports';
export { operations } from './operations';
