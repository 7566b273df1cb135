/** What a user does first: a gradient, and back. */
import { dense, invertLeverageGradient, leverageGradient } from '@x/leverage-inverse';

export async function smoke(): Promise<unknown> {
  const design = { A: dense(4, 2, new Float64Array([1, 0, 1, 1, 1, 2, 1, 3])) };
  const { gradient, scores } = leverageGradient(design, new Float64Array([2, 0.5]));
  const { x, status } = await invertLeverageGradient(design, gradient);
  return { gradient: [...gradient], scores: [...scores], x: [...x].map((value) => value.toFixed(9)), status };
}

export const expected: unknown = {
  gradient: [0.7910178140947375, 0.8359287436210513],
  scores: [0.8088976550515017, 0.2658338812184967, 0.3333333333333333, 0.5919351303966689],
  x: ['2.000000000', '0.500000000'],
  status: 'certified',
};
