/** Reads the tensors of an ONNX file with a library for protocol buffers; numbers of fields are those of onnx.proto3. */
import { PbfReader } from 'pbf';

interface Tensor {
  readonly dims: number[];
  readonly values: number[];
}

const ARRAYS: { readonly [type: number]: (buffer: ArrayBuffer) => Iterable<number | bigint> } = {
  1: (buffer) => new Float32Array(buffer),
  6: (buffer) => new Int32Array(buffer),
  7: (buffer) => new BigInt64Array(buffer),
  9: (buffer) => new Uint8Array(buffer),
  11: (buffer) => new Float64Array(buffer),
};

/** Initializers of a model's graph, by name. */
export function readTensors(file: Uint8Array): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  new PbfReader(file).readFields((field, _, reader) => {
    if (field !== 7) return;
    reader.readMessage((inner) => {
      if (inner !== 5) return;
      const tensor = { dims: [] as number[], type: 0, name: '', raw: new ArrayBuffer(0) };
      reader.readMessage((part) => {
        if (part === 1) tensor.dims.push(reader.readVarint());
        else if (part === 2) tensor.type = reader.readVarint();
        else if (part === 8) tensor.name = reader.readString();
        else if (part === 9) tensor.raw = reader.readBytes().slice().buffer as ArrayBuffer;
      }, undefined);
      const values = [...ARRAYS[tensor.type]!(tensor.raw)].map(Number);
      tensors.set(tensor.name, { dims: tensor.dims, values });
    }, undefined);
  }, undefined);
  return tensors;
}
