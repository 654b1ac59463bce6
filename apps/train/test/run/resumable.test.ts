import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { defaultRequest, resolveConfig } from '../../src/config/resolve.js';
import type { TrainConfig } from '../../src/config/schema.js';
import { showRunError } from '../../src/run/error.js';
import { resumable } from '../../src/run/resumable.js';

const config = (...settings: string[]): TrainConfig => {
  // A run that goes on keeps the end of its schedule, whatever its steps.
  const resolved = resolveConfig({ ...defaultRequest, settings: ['lrSchedule.decaySteps=800', ...settings] });
  if (E.isLeft(resolved)) throw new Error(JSON.stringify(resolved.left));
  return resolved.right;
};

it.each([
  'steps=99',
  'maxMinutes=1',
  'backend=wasm',
  'mesh=data=2',
  'out=elsewhere',
  'evalInterval=3',
  'keepLast=2',
  'model.remat=dots',
])('%s may change', (setting) => {
  const asked = config(setting);
  expect(resumable('runs/a', config(), asked)).toEqual(E.right(asked));
});

it('what lies whole on every device of a mesh may change', () => {
  const asked = config('mesh=fsdp=2', 'fsdpMinBytes=0');
  expect(resumable('runs/a', config(), asked)).toEqual(E.right(asked));
});

it('names every other change', () => {
  const result = resumable('runs/a', config(), config('seed=7', 'optimizer.b1=0.5', 'data.heldOut=4'));
  const message = E.isLeft(result) ? showRunError(result.left) : '';
  expect(message).toContain('runs/a was trained with another configuration');
  for (const change of ['seed was 42, is 7', 'data.heldOut was 0.1, is 4', 'optimizer.b1 was 0.9, is 0.5']) {
    expect(message).toContain(change);
  }
});
