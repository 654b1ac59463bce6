import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import {
  emptyGroup,
  type Group,
  gripperFromAngular,
  gripperFromAngularInv,
  gripperToAngular,
  gripperToLinear,
  inverseTransform,
  type ModelKind,
  NdArray,
  type NormStats,
  type PipelineName,
  pipelineOf,
  pipelineSpecs,
  push,
  type SampleDict,
  servingInputs,
  servingOutputs,
  showTransformError,
  type Tokenizers,
  type Transform,
  trainingInputs,
  transformSample,
} from '../../src/index.js';
import { alohaSample, droidSample, liberoSample, reals, stats } from './samples.js';

const right = <A>(result: E.Either<Parameters<typeof showTransformError>[0], A>): A => {
  if (E.isLeft(result)) throw new Error(showTransformError(result.left));
  return result.right;
};

const numbersAt = (dict: SampleDict, key: string): readonly number[] => {
  const value = dict[key];
  return value instanceof NdArray ? [...value.data] : [];
};

const close = (found: readonly number[], expected: readonly number[], within = 1e-9): void => {
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThanOrEqual(within);
  });
};

/** Tokens that keep everything: a prompt is its length, actions are remembered in a side table. */
const remembering = (): Tokenizers => {
  const chunks: Parameters<NonNullable<Tokenizers['fast']>>[0]['actions'][] = [];
  const tokens = (id: number) => ({ tokens: Int32Array.of(id), tokenMask: Uint8Array.of(1), truncated: 0 });
  return {
    prompt: ({ task }) => E.right(tokens(task.length)),
    fast: ({ actions }) =>
      E.right({ ...tokens(chunks.push(actions) - 1), tokenArMask: Int32Array.of(1), tokenLossMask: Uint8Array.of(1) }),
    extractActions: ([id = -1]) => E.fromNullable('nothing is remembered')(chunks[id]),
  };
};

const robots: readonly (readonly [PipelineName, fc.Arbitrary<SampleDict>, state: number, action: number])[] = [
  ['aloha', alohaSample, 14, 14],
  ['libero', liberoSample, 8, 7],
  ['droid', droidSample, 8, 8],
  ['droid_joint_position', droidSample, 8, 8],
];

const models: readonly ModelKind[] = ['pi0', 'pi05', 'pi0-fast'];
const cases = robots.flatMap(([name, sample, sd, ad]) => models.map((kind) => ({ name, sample, sd, ad, kind })));

const trainAndServe = (name: PipelineName, kind: ModelKind, sample: SampleDict, norm: NormStats): SampleDict => {
  const spec = { ...pipelineSpecs[name], defaultPrompt: 'do something' };
  const pipeline = pipelineOf(spec, { kind, actionDim: 16, actionHorizon: 3, imageSize: [6, 6] });
  const tokenizers = remembering();
  const model = right(transformSample(trainingInputs(pipeline, norm), tokenizers)(sample));
  const { state, actions, tokenized_prompt: tokens } = model;
  const sampled = kind === 'pi0-fast' ? tokens : actions;
  expect([state, sampled].every((array) => array instanceof NdArray)).toBe(true);
  return right(
    transformSample(
      servingOutputs(pipeline, norm),
      tokenizers,
    )({ ...(state && { state }), ...(sampled && { actions: sampled }) }),
  );
};

describe('a pipeline', () => {
  it.each(cases)('$name for $kind: outputs undo inputs on actions', ({ name, sample, sd, ad, kind }) => {
    fc.assert(
      fc.property(sample, stats(sd, ad), (x, norm) => {
        const out = trainAndServe(name, kind, x, norm);
        const recorded = numbersAt(x, name === 'aloha' ? 'action' : 'actions');
        close(numbersAt(out, 'actions'), recorded);
      }),
      { numRuns: 25 },
    );
  });

  it.each(models)('serves what it was trained on, for %s', (kind) => {
    fc.assert(
      fc.property(liberoSample, stats(8, 7), (x, norm) => {
        const pipeline = pipelineOf(pipelineSpecs.libero, { kind, actionDim: 9, actionHorizon: 3, imageSize: [6, 6] });
        const { image, wrist_image: wrist, state, prompt } = x;
        const asked = {
          'observation/image': image,
          'observation/wrist_image': wrist,
          'observation/state': state,
          prompt,
        };
        const trained = right(transformSample(trainingInputs(pipeline, norm), remembering())(x));
        const served = right(transformSample(servingInputs(pipeline, norm), remembering())(asked as SampleDict));
        const { actions: _, ...rest } = trained;
        expect(served).toEqual(rest);
      }),
      { numRuns: 25 },
    );
  });
});

describe('push', () => {
  const transform = fc.string({ maxLength: 3 }).map((prompt): Transform => ({ kind: 'InjectDefaultPrompt', prompt }));
  const group: fc.Arbitrary<Group> = fc.record({ inputs: fc.array(transform), outputs: fc.array(transform) });

  it('is a monoid', () => {
    fc.assert(
      fc.property(group, group, group, (a, b, c) => {
        expect(push(push(a, b), c)).toEqual(push(a, push(b, c)));
        expect(push(a, emptyGroup)).toEqual(a);
        expect(push(emptyGroup, a)).toEqual(a);
      }),
    );
  });
});

describe('inverseTransform', () => {
  const transform: fc.Arbitrary<Transform> = stats(4, 3).chain((norm) =>
    fc.constantFrom<Transform>(
      { kind: 'DeltaActions', mask: [true, false, true] },
      { kind: 'AbsoluteActions', mask: [true] },
      { kind: 'DeltaActions', mask: null },
      { kind: 'Normalize', stats: norm, mode: 'mean_std' },
      { kind: 'Unnormalize', stats: norm, mode: 'quantile' },
    ),
  );

  it('gives the sample back', () => {
    fc.assert(
      fc.property(transform, reals([4]), reals([2, 3]), (t, state, actions) => {
        const both = [
          t,
          ...pipe(
            inverseTransform(t),
            O.match(
              () => [],
              (inverse) => [inverse],
            ),
          ),
        ];
        expect(both).toHaveLength(2);
        const out = right(transformSample(both)({ state, actions }));
        close(numbersAt(out, 'state'), [...state.data]);
        close(numbersAt(out, 'actions'), [...actions.data]);
      }),
    );
  });

  it('does not exist where something is lost', () => {
    expect(inverseTransform({ kind: 'ResizeImages', height: 1, width: 1 })).toEqual(O.none);
  });
});

describe('gripper maps', () => {
  it('have inverses where they are one to one', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.11, max: 1, noNaN: true }), (x) => {
        close([gripperToLinear(gripperToAngular(x))], [x], 1e-7);
        close([gripperFromAngularInv(gripperFromAngular(x))], [x]);
      }),
    );
  });
});
