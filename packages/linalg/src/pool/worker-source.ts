/**
 * What a worker runs, as text: no file of its own, so that nothing is fetched and every bundler can carry it. It gets the compiled
 * module once, then jobs; it claims tiles of a job from a counter that all workers share and writes them to C, which they share
 * too. Message and state layout: job.ts. `port` is defined by the line that the platform puts before it (spawn.ts).
 */
export const WORKER_SOURCE: string = `
let kernel;
const outOfMemory = (requested) => {
  const bytes = requested >>> 0;
  throw Object.assign(new Error('out of memory'), { bytes });
};

/** Copies a block of a matrix in, along its contiguous direction; returns its row and column stride there. */
function load(type, M, row, col, rows, cols, pointer) {
  const to = new type(kernel.memory.buffer, pointer >>> 0, rows * cols);
  const { data, rowStride, colStride } = M;
  const first = M.offset + row * rowStride + col * colStride;
  if (colStride === 1) {
    for (let i = 0; i < rows; i++) to.set(data.subarray(first + i * rowStride, first + i * rowStride + cols), i * cols);
    return [cols, 1];
  }
  if (rowStride === 1) {
    for (let j = 0; j < cols; j++) to.set(data.subarray(first + j * colStride, first + j * colStride + rows), j * rows);
    return [1, rows];
  }
  for (let i = 0, p = 0; i < rows; i++) for (let j = 0; j < cols; j++) to[p++] = data[first + i * rowStride + j * colStride];
  return [cols, 1];
}

/** Copies a row-major tile out. */
function store(type, M, row, col, rows, cols, pointer) {
  const from = new type(kernel.memory.buffer, pointer >>> 0, rows * cols);
  const { data, rowStride, colStride } = M;
  const first = M.offset + row * rowStride + col * colStride;
  for (let i = 0; i < rows; i++) {
    if (colStride === 1) data.set(from.subarray(i * cols, (i + 1) * cols), first + i * rowStride);
    else for (let j = 0; j < cols; j++) data[first + i * rowStride + j * colStride] = from[i * cols + j];
  }
}

function run({ id, m, n, k, alpha, beta, A, B, C, tiling, state, progress }) {
  const type = C.data.constructor;
  const multiply = type === Float32Array ? kernel.sgemm : kernel.dgemm;
  const bytes = type.BYTES_PER_ELEMENT;
  const depth = Math.min(k, tiling.depth);
  const height = Math.min(m, tiling.rows);
  const width = Math.min(n, tiling.cols);
  const a = kernel.allocate(height * depth * bytes);
  const b = kernel.allocate(depth * width * bytes);
  const c = kernel.allocate(height * width * bytes);
  let loaded = -1;
  let bStrides;
  for (;;) {
    const index = Atomics.add(state, 0, 1);
    if (index >= tiling.count || Atomics.load(state, 1) !== 0) return;
    const row = (index % tiling.down) * tiling.rows;
    const col = Math.floor(index / tiling.down) * tiling.cols;
    const rows = Math.min(tiling.rows, m - row);
    const cols = Math.min(tiling.cols, n - col);
    if (beta !== 0) for (let i = 0; i < rows; i++) load(type, C, row + i, col, 1, cols, c + i * cols * bytes);
    let from = 0;
    do {
      const terms = Math.min(depth, k - from);
      const aStrides = load(type, A, row, from, rows, terms, a);
      if (loaded !== col || terms < k) bStrides = load(type, B, from, col, terms, cols, b);
      loaded = col;
      multiply(rows, cols, terms, alpha, a, ...aStrides, b, ...bStrides, from === 0 ? beta : 1, c, cols, 1);
      from += depth;
    } while (from < k);
    store(type, C, row, col, rows, cols, c);
    Atomics.store(state, 2 + index, 1);
    if (progress) port.postMessage({ id, tile: true });
  }
}

port.onmessage = ({ data }) => {
  if (data.module) {
    const values = Object.values(new WebAssembly.Instance(data.module, { env: { outOfMemory } }).exports);
    kernel = Object.fromEntries(data.names.split(' ').map((name, i) => [name, values[i]]));
    port.postMessage({ ready: true });
    return;
  }
  const mark = kernel.mark();
  try {
    run(data);
    port.postMessage({ id: data.id, done: true });
  } catch (error) {
    port.postMessage({ id: data.id, done: true, error: { message: String(error), bytes: error.bytes } });
  } finally {
    kernel.release(mark);
  }
};
`;
