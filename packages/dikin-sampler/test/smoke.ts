/** What a user does first, without the solver: reads a file, walks in a triangle, judges chains. It needs no WebAssembly. */
import { cdhrWalk, csr, dikinWalk, type Frame, philox, readMps, rhat } from '@x/dikin-sampler';

const FILE = 'NAME T\nROWS\n N COST\n L CAP\nCOLUMNS\n x CAP 1\n y CAP 1\nRHS\n B CAP 1\nENDATA\n';

export async function smoke(): Promise<unknown> {
  const body = readMps(FILE);
  // x, y >= 0 and x + y <= 1, seen from (1/4, 1/4).
  const frame: Frame = {
    dimension: 2,
    A: csr(3, 2, new Int32Array([0, 1, 2, 4]), new Int32Array([0, 1, 0, 1]), new Float64Array([-1, -1, 1, 1])),
    slack: new Float64Array([0.25, 0.25, 0.5]),
    quadratic: undefined,
    origin: new Float64Array([0.25, 0.25]),
    map: csr(2, 2, new Int32Array([0, 1, 2]), new Int32Array([0, 1]), new Float64Array([1, 1])),
  };
  const walks = [cdhrWalk(frame, philox(7)), dikinWalk(frame, philox(7))];
  const positions = walks.map((walk) => {
    walk.place(new Float64Array(2));
    walk.advance(100);
    return [...walk.position];
  });
  return { names: body.names, upper: [...body.rowUpper], positions, rhat: rhat([philoxChain(1), philoxChain(2)]).toFixed(8) };
}

function philoxChain(stream: number): Float64Array {
  return philox(7, stream).fillNormal(new Float64Array(100));
}

export const expected: unknown = {
  names: ['x', 'y'],
  upper: [1],
  positions: [
    [0.4054148195613957, -0.23927428308749937],
    [-0.15610900608955247, -0.16686314060003601],
  ],
  rhat: '1.00534910',
};
