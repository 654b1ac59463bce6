import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import { describe, expect, it } from 'vitest';
import {
  applyTransforms,
  type Batch,
  batchDict,
  bytesAt,
  type DataDict,
  float32At,
  int32At,
  inverseTransform,
  NdArray,
  showTransformError,
  type Transform,
  type TransformError,
  transformSample,
} from '../../src/index.js';
import { accepted, rows, stubTokenizers } from './batches.js';

const right = <A>(result: E.Either<TransformError, A>): A => {
  if (E.isLeft(result)) throw new Error(showTransformError(result.left));
  return result.right;
};

const message = (result: E.Either<TransformError, unknown>): string =>
  E.match(showTransformError, () => 'accepted')(result);

const apply = (transforms: readonly Transform[], batch: DataDict): DataDict =>
  right(applyTransforms(transforms, stubTokenizers)(batch));

const kinds = Object.keys(accepted) as readonly Transform['kind'][];
const size = fc.integer({ min: 1, max: 3 });

describe.each(kinds)('%s', (kind) => {
  const given = size.chain((b) => accepted[kind](b).map((found) => ({ ...found, b })));

  it('of a batch gives what it gives of each sample, and leaves the batch as it was', () => {
    fc.assert(
      fc.property(given, ({ transform, batch, b }) => {
        const before = rows(batch, 0, b);
        const out = apply([transform], batch);
        for (let i = 0; i < b; i++) {
          expect(rows(out, i, i + 1)).toEqual(apply([transform], rows(batch, i, i + 1)));
        }
        expect(batch).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });

  it('has an inverse that gives the batch back, where it has one', () => {
    fc.assert(
      fc.property(given, ({ transform, batch }) => {
        const inverse = inverseTransform(transform);
        if (O.isNone(inverse)) return;
        const back = apply([transform, inverse.value], batch);
        for (const [key, value] of Object.entries(batch)) {
          const found = back[key];
          if (!(value instanceof NdArray && found instanceof NdArray)) throw new Error(`${key} is no array`);
          expect(found.shape).toEqual(value.shape);
          // Values are below 10: a few roundings of float32, where deltas stay in it.
          value.data.forEach((x, i) => {
            expect(Math.abs(x - (found.data[i] ?? Number.NaN))).toBeLessThan(3e-6);
          });
        }
      }),
      { numRuns: 40 },
    );
  });
});

it('exactly these transforms have inverses, each of the other kind with the same parameters', () => {
  const norm = { mode: 'quantile', stats: {} } as const;
  const pairs: readonly (readonly [Transform, Transform])[] = [
    [
      { kind: 'DeltaActions', mask: [true] },
      { kind: 'AbsoluteActions', mask: [true] },
    ],
    [
      { kind: 'Normalize', ...norm },
      { kind: 'Unnormalize', ...norm },
    ],
    [{ kind: 'AlohaToPi', key: 'actions' }, { kind: 'AlohaFromPi' }],
  ];
  for (const [there, back] of pairs) {
    expect(inverseTransform(there)).toEqual(O.some(back));
    expect(inverseTransform(back)).toEqual(O.some(there));
  }
  const reversible = pairs.flat().map(({ kind }) => kind);
  for (const kind of kinds) {
    const [found] = fc.sample(accepted[kind](1), { numRuns: 1, seed: 1 });
    const isState = found?.transform.kind === 'AlohaToPi' && found.transform.key === 'state';
    expect(found && O.isSome(inverseTransform(found.transform))).toBe(reversible.includes(kind) && !isState);
  }
});

describe('applyTransforms', () => {
  const state = new NdArray('float32', [2, 1], Float32Array.of(1, 2));

  it('of a list is its parts one after another; of no transform, the batch', () => {
    fc.assert(
      fc.property(accepted.DeltaActions(2), accepted.Normalize(2), ({ transform: a, batch }, { transform: b }) => {
        expect(apply([a, b], batch)).toEqual(apply([b], apply([a], batch)));
        expect(apply([], batch)).toBe(batch);
      }),
      { numRuns: 20 },
    );
  });

  it('of one sample is that of a batch of one', () => {
    fc.assert(
      fc.property(accepted.PadStatesAndActions(1), ({ transform, batch }) => {
        const sample = Object.fromEntries(
          Object.entries(batch).map(([key, value]) => {
            if (!(value instanceof NdArray)) throw new Error(`${key} is no array`);
            return [key, new NdArray(value.dtype, value.shape.slice(1), value.data)];
          }),
        );
        const out = right(transformSample([transform])(sample));
        const ofBatch = apply([transform], batch);
        for (const [key, value] of Object.entries(out)) {
          if (!(value instanceof NdArray)) throw new Error(`${key} is no array`);
          expect(new NdArray(value.dtype, [1, ...value.shape], value.data)).toEqual(ofBatch[key]);
        }
        expect(Object.keys(out)).toEqual(Object.keys(ofBatch));
      }),
      { numRuns: 20 },
    );
  });

  it('gives prompts to as many samples as there are, and to a sample without entries', () => {
    const inject = [{ kind: 'InjectDefaultPrompt', prompt: 'go' }] as const;
    expect(apply(inject, { deep: { state } })).toEqual({ deep: { state }, prompt: ['go', 'go'] });
    expect(apply(inject, {})).toEqual({ prompt: [] });
    expect(right(transformSample(inject)({}))).toEqual({ prompt: 'go' });
    expect(right(transformSample([])({ prompt: 'a', deep: { state } }))).toEqual({ prompt: 'a', deep: { state } });
  });

  it('refuses entries of different numbers of samples', () => {
    const of = (batch: DataDict): string => message(applyTransforms([])(batch));
    expect(of({ state, deep: { prompt: ['a'] } })).toBe(
      'applyTransforms: deep/prompt should be 2 rows, as state has, but it is 1 texts.',
    );
    expect(of({ prompt: ['a'], state })).toBe(
      'applyTransforms: state should be 1 rows, as prompt has, but it is float32[2, 1].',
    );
    expect(of({ single: new NdArray('bool', [], Uint8Array.of(1)) })).toBe(
      'applyTransforms: single should be one row for each sample, but it is bool[].',
    );
    expect(of({ state, deep: { prompt: ['a', 'b'] } })).toBe('accepted');
  });
});

describe('batches', () => {
  it('of windows are states, actions and prompts, not copied', () => {
    const batch: Batch = {
      size: 2,
      stateDim: 1,
      actionDim: 2,
      actionHorizon: 3,
      state: Float32Array.of(1, 2),
      actions: new Float32Array(12),
      actionIsPad: new Uint8Array(6),
      prompts: ['a', 'b'],
      episodeIndex: new Int32Array(2),
      frameIndex: new Int32Array(2),
    };
    const dict = batchDict(batch);
    expect(dict).toEqual({
      state: new NdArray('float32', [2, 1], batch.state),
      actions: new NdArray('float32', [2, 3, 2], batch.actions),
      prompt: ['a', 'b'],
    });
    expect([dict.state.data, dict.actions.data]).toEqual([batch.state, batch.actions]);
  });

  it('give their entries as a model takes them, rounded to float32 where they are wider', () => {
    const dict: DataDict = {
      single: new NdArray('float32', [1], Float32Array.of(0.1)),
      wide: new NdArray('float64', [1], Float64Array.of(0.1)),
      whole: new NdArray('int32', [1], Int32Array.of(7)),
      bool: new NdArray('bool', [1], Uint8Array.of(1)),
    };
    expect(right(float32At(dict, 'single'))).toBe((dict['single'] as NdArray).data);
    expect(right(float32At(dict, 'wide'))).toEqual(Float32Array.of(0.1));
    expect(right(int32At(dict, 'whole'))).toEqual(Int32Array.of(7));
    expect(right(bytesAt(dict, 'bool'))).toEqual(Uint8Array.of(1));
    expect(message(float32At(dict, 'whole'))).toBe('The batch: whole should be real numbers, but it is int32[].');
    expect(message(int32At(dict, 'wide'))).toBe('The batch: wide should be whole numbers, but it is float64[].');
    expect(message(bytesAt(dict, 'single'))).toBe('The batch: single should be bytes or bools, but it is float32[].');
    expect(message(bytesAt(dict, 'boo'))).toContain('The batch: no boo; did you mean bool?');
  });
});
