import { tensorType } from '@torsor/tensor';
import { flatten } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import { idleProgram, sampleProgram, stepProgram } from '../../src/xla/programs.js';
import { sizesOf } from '../../src/xla/sizes.js';
import { firstOf } from '../../src/xla/stepping.js';
import { batches } from '../../src/xla/values.js';

const sizes = sizesOf('small_text');
const { types } = firstOf(sizes);

describe('the programs', () => {
  it('the step that computes nothing takes and gives what the step does', () => {
    const [step, idle] = [stepProgram(sizes, types), idleProgram(sizes, types)];
    if (step._tag === 'Left' || idle._tag === 'Left') throw new Error('not built');
    const shape = ({ inputs, outputs }: typeof step.right): unknown =>
      [inputs, outputs].map((ports) => ports.map(({ path, type }) => [path, type]));
    expect(shape(idle.right)).toEqual(shape(step.right));
  });

  it('samples a chunk', () => {
    const sample = sampleProgram(sizes);
    if (sample._tag === 'Left') throw new Error('not built');
    expect(sample.right.outputs.map(({ type }) => type)).toEqual([tensorType('f32', [1, 6, 8])]);
  });
});

describe('batches', () => {
  it('fit the step, with times in (0, 1] and other noise at every step', () => {
    const at = batches(sizes);
    const [first, second] = [at(0), at(1)];
    expect(flatten(first).map(({ leaf }) => leaf.type.shape[0] ?? 1)).toEqual(expect.arrayContaining([8, 1]));
    expect(first.inputs.noise.data).not.toEqual(second.inputs.noise.data);
    expect([...first.inputs.time.data].every((t) => t > 0 && t <= 1)).toBe(true);
  });
});
