/** What a user does first, on every engine that we promise: solves, counts, proves and checks. */
import { box, certifyMostRobust, dense, enumerateFixedPoints, loopedNet, solveFixedPoint, verifyCertificate } from '@x/fixed-point';

export async function smoke(): Promise<unknown> {
  // Only + - * /: the same bits everywhere.
  const net = loopedNet({ weights: dense(2, 2, new Float64Array([1, 0.05, -0.04, 1.01])), bias: [0.02, -0.01], activation: 'tanh' });
  const cubic = loopedNet({ weights: dense(2, 2, new Float64Array([1, 0.05, -0.04, 1.01])), bias: [0.02, -0.01], activation: 'cubic' });
  const run = solveFixedPoint(cubic.evaluate, [0.5, 0.5]);
  const proof = certifyMostRobust(cubic, run.x);
  const { points, complete, boxes } = await enumerateFixedPoints(cubic, box(-1.6, 1.6, 2));
  const value = new Float64Array(2);
  net.evaluate(run.x, value);
  return {
    reason: run.reason,
    x: [...run.x],
    tanh: [...value],
    points: points.length,
    complete,
    boxes,
    noise: proof.status === 'certified' ? proof.noiseRadius : 0,
    valid: proof.status === 'certified' && verifyCertificate(cubic, proof).valid,
  };
}

export const expected: unknown = {
  reason: 'converged',
  x: [0.9937922896288743, 0.9973362282429237],
  tanh: [0.7870602944489852, 0.7431855820849722],
  points: 9,
  complete: true,
  boxes: 109,
  noise: 0.14160961909098854,
  valid: true,
};
