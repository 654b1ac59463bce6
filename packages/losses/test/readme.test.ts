import { mean, printProgram, program, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { flowMatchingInputs, flowMatchingLoss } from '../src/index.js';

it('the example of the README runs', () => {
  const chunk = tensorType('f32', [8, 50, 32]);
  const built = program({ actions: chunk, noise: chunk, time: tensorType('f32', [8]), v_t: chunk }, (x) => {
    const { u_t } = flowMatchingInputs(x.actions, x.noise, x.time);
    return { loss: mean(flowMatchingLoss(x.v_t, u_t)) };
  });
  const outputs = E.match(
    () => 'refused',
    (loss: Parameters<typeof printProgram>[0]) => printProgram(loss).split('\n').at(-1),
  )(built);
  expect(outputs).toBe('-> loss: f32[]');
});
