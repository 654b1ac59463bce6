import {
  emptyGroup,
  gripperFromAngular,
  gripperFromAngularInv,
  gripperToAngular,
  makeBoolMask,
  NdArray,
  type NormStats,
  type PipelineSpec,
  pipelineOf,
  pipelineSpecs,
  push,
  type SampleDict,
  type SampleValue,
  servingOutputs,
  showTransformError,
  type Transform,
  trainingInputs,
  transformSample,
} from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { goldenFiles } from '../../src/index.js';
import { describeGolden } from './describe-golden.js';
import { record } from './fidelity/record.js';
import { number, numbers, object, objects, text } from './json.js';
import { dictOf, maxTokenLenOf, modelKindOf, statsOf, stubTokenizers, transformOf } from './transforms.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** What openpi's float64 and float32 arithmetic may differ by from ours. */
const bound = 1e-6;

const judge = (array: string, error: number, limit: number): void => {
  record({
    group: 'transforms',
    kind: limit === 0 ? 'exact' : 'transforms',
    array,
    backend: 'host',
    error,
    bound: limit,
  });
  expect(error, `${array}: error against openpi`).toBeLessThanOrEqual(limit);
};

const expectArray = (path: string, found: NdArray, expected: NdArray): void => {
  expect({ path, dtype: found.dtype, shape: found.shape }).toEqual({
    path,
    dtype: expected.dtype,
    shape: expected.shape,
  });
  const isReal = expected.dtype === 'float32' || expected.dtype === 'float64';
  const errors = Array.from(
    expected.data,
    (value, i) => Math.abs(value - (found.data[i] ?? Number.NaN)) / (isReal ? Math.max(1, Math.abs(value)) : 1),
  );
  judge(path, Math.max(0, ...errors), isReal ? bound : 0);
};

const expectValue = (path: string, found: SampleValue | undefined, expected: SampleValue): void => {
  if (expected instanceof NdArray && found instanceof NdArray) expectArray(path, found, expected);
  else if (typeof expected === 'string' || typeof found === 'string') expect(found, path).toBe(expected);
  else expectDict(path, (found ?? {}) as SampleDict, expected as SampleDict);
};

const expectDict = (path: string, { tokens_cut: _, ...found }: SampleDict, expected: SampleDict): void => {
  // How many tokens were cut is told by ours alone.
  expect(Object.keys(found).toSorted(), path).toEqual(Object.keys(expected).toSorted());
  for (const [key, value] of Object.entries(expected)) expectValue(`${path}/${key}`, found[key], value);
};

/** openpi leaves vectors that are too wide as they are, where ours refuses them. */
const isTooWide = (transform: Transform, output: SampleDict): boolean =>
  transform.kind === 'PadStatesAndActions' &&
  output['state'] instanceof NdArray &&
  (output['state'].shape[0] ?? 0) > transform.modelActionDim;

const { has } = goldenFiles();
const path = has('transforms/transforms.json') ? 'transforms/transforms.json' : 'more/transforms/transforms.json';

/** openpi's configurations as this project names them. */
const specs: readonly (readonly [pattern: RegExp, spec: PipelineSpec])[] = [
  [/^pi0_aloha_sim/, pipelineSpecs.aloha_sim],
  [/^pi0_aloha_pen_uncap/, { ...pipelineSpecs.aloha, defaultPrompt: 'uncap the pen' }],
  [/^(pi0|pi05|pi0_fast)_libero/, pipelineSpecs.libero],
];

describeGolden('transforms', [path], (golden) => {
  const file = object(golden.json(path));
  // The file states the stubs in words, with the alphabet as JSON among them.
  const words = text(file['stubs']);
  const alphabet = text(object(JSON.parse(words.slice(words.indexOf('{'))))['alphabet']);

  const apply = (json: JsonObject, sample: SampleDict, stats?: NormStats): E.Either<string, SampleDict> =>
    E.mapLeft(showTransformError)(
      transformSample([transformOf(json, stats)], stubTokenizers(alphabet, maxTokenLenOf(json)))(sample),
    );

  const run = (json: JsonObject, sample: SampleDict, stats?: NormStats): SampleDict => {
    const out = apply(json, sample, stats);
    if (E.isLeft(out)) throw new Error(out.left);
    return out.right;
  };

  const singles = objects(file['single']).map((json, i) => ({ i, op: text(json['op']), json }));

  it.each(singles.filter(({ op }) => op !== 'make_bool_mask'))('$i $op', ({ i, op, json }) => {
    const expected = dictOf(json['output']);
    if (isTooWide(transformOf(json), expected)) {
      expect(apply(json, dictOf(json['input']))).toMatchObject({ _tag: 'Left' });
      return;
    }
    expectDict(`${i} ${op}`, run(json, dictOf(json['input'])), expected);
  });

  it.each(singles.filter(({ op }) => op === 'make_bool_mask'))('$i $op', ({ json }) => {
    expect(makeBoolMask(...numbers(json['dims']))).toEqual(json['output']);
  });

  it('gripper maps', () => {
    const gripper = object(file['gripper']);
    const column = (name: string) => numbers(object(gripper[name])['data']);
    const maps = {
      gripper_to_angular: gripperToAngular,
      gripper_from_angular: gripperFromAngular,
      gripper_from_angular_inv: gripperFromAngularInv,
    };
    for (const [name, map] of Object.entries(maps)) {
      const expected = column(name);
      const errors = column('value').map((value, i) => Math.abs(map(value) - (expected[i] ?? Number.NaN)));
      judge(name, Math.max(...errors), 1e-12);
    }
  });

  it('the order of groups', () => {
    const { text: call, inputs, outputs } = object(file['group']);
    const lists = [...text(call).matchAll(/(inputs|outputs)=\[([^\]]*)\]/g)].map(([, , list = '']) => list.split(','));
    const named = (names: readonly string[] = []) =>
      names.map((prompt): Transform => ({ kind: 'InjectDefaultPrompt', prompt }));
    const [a, x, c, z] = lists.map(named);
    const group = push(push(emptyGroup, { inputs: a ?? [], outputs: x ?? [] }), { inputs: c ?? [], outputs: z ?? [] });
    expect(group).toEqual({ inputs: named([...text(inputs)]), outputs: named([...text(outputs)]) });
  });

  describe.each(objects(file['pipelines']).map((json) => ({ name: text(json['name']), json })))(
    '$name',
    ({ name, json }) => {
      const stats = statsOf(json['norm_stats']);
      const steps = (key: string) => objects(json[key]).map((step) => object(step['transform']));

      it.each(['input', 'output'])('every step of its %s', (way) => {
        let sample = dictOf(json[way === 'input' ? 'input' : 'output_input']);
        objects(json[`${way}_steps`]).forEach((step, i) => {
          const transform = object(step['transform']);
          sample = run(transform, sample, stats);
          expectDict(`${name}: ${i} ${text(transform['op'])}`, sample, dictOf(step['output']));
        });
      });

      const [, spec] = specs.find(([pattern]) => pattern.test(name)) ?? [];
      it.skipIf(spec === undefined)('is a pipeline of ours', () => {
        const model = object(json['model']);
        const all = [...steps('input_steps'), ...steps('output_steps')];
        const resize = all.find((step) => step['op'] === 'ResizeImages') ?? {};
        const pipeline = pipelineOf(spec ?? pipelineSpecs.libero, {
          kind: modelKindOf(model['type']),
          actionDim: number(model['action_dim']),
          actionHorizon: number(model['action_horizon']),
          discreteStateInput: all.some((step) => step['discrete_state_input'] === true),
          imageSize: [number(resize['height']), number(resize['width'])],
        });
        const theirs = (key: string) => steps(key).map((step) => transformOf(step, stats));
        expect(trainingInputs(pipeline, stats)).toEqual(theirs('input_steps'));
        expect(servingOutputs(pipeline, stats)).toEqual(theirs('output_steps'));
      });
    },
  );
});
