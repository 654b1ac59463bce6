import { type DType, mean, printProgram, program, showShapeError, tensorType, valueAndGrad } from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  computeFastLoss,
  type DecodeOptions,
  decodeStateTypes,
  fastObservationTypes,
  type Params,
  type Pi0FastConfig,
  pi0FastParamTypes,
  prefillProgram,
  stepsProgram,
} from '../../src/index.js';
import { samples, tinyConfig } from './tiny.js';

const orFail = <A>(built: E.Either<Parameters<typeof showShapeError>[0], A>): A => {
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  return built.right;
};

const dtypes: readonly (readonly [param: DType, compute: DType])[] = [
  ['f32', 'f32'],
  ['f32', 'bf16'],
  ['bf16', 'bf16'],
  ['f64', 'f64'],
];

const typesOf = (tree: Tree<ReturnType<typeof tensorType>>): Record<string, string> =>
  Object.fromEntries(flatten(tree).map(({ path, leaf }) => [path, `${leaf.dtype}[${leaf.shape.join(',')}]`]));

describe('programs of decoding', () => {
  it('give states of the declared types, which a later run takes, in every dtype and way of decoding', () => {
    for (const [paramDtype, computeDtype] of dtypes) {
      for (const decoding of ['consistent', 'openpi'] as const) {
        const config: Pi0FastConfig = { ...tinyConfig, paramDtype, computeDtype };
        const options: DecodeOptions = { decoding, maxDecodingSteps: 3, temperature: decoding === 'openpi' ? 0 : 0.5 };
        const params = pi0FastParamTypes(config);
        const prefill = orFail(prefillProgram(config, params, samples, options));
        const steps = orFail(stepsProgram(config, params, samples, 2, options));
        const declared = typesOf(decodeStateTypes(config, samples, options));
        expect(typesOf(prefill.signature.outputs)).toEqual(declared);
        expect(typesOf(steps.signature.inputs.state)).toEqual(declared);
        expect(typesOf(steps.signature.outputs)).toEqual(declared);
      }
    }
  });

  it('read a table that is stored narrow beside wide parameters', () => {
    const config: Pi0FastConfig = { ...tinyConfig, paramDtype: 'f32', computeDtype: 'f32' };
    const params = map(pi0FastParamTypes(config), (type, path) =>
      path.includes('/llm/') ? tensorType('bf16', type.shape) : type,
    );
    const options = { maxDecodingSteps: 3 };
    const prefill = orFail(prefillProgram(config, params, samples, options));
    const steps = orFail(stepsProgram(config, params, samples, 2, options));
    expect(typesOf(prefill.signature.outputs)).toEqual(typesOf(steps.signature.inputs.state));
  });
});

describe('logits', () => {
  const v = 97;
  const config: Pi0FastConfig = { ...tinyConfig, vocabSize: v };

  /** The largest number of logits of any tensor of a training step: those whose last axis is the vocabulary. */
  const mostLogits = (given: Pi0FastConfig): number => {
    const inputs = { params: pi0FastParamTypes(given), observation: fastObservationTypes(given, samples) };
    const built = program(inputs, ({ params, observation }) =>
      valueAndGrad((p: Params) => mean(computeFastLoss(given, p, observation)))(params),
    );
    const shapes = [...printProgram(orFail(built)).matchAll(/f64\[([\d,]+)\]/g)].map(([, shape = '']) =>
      shape.split(',').map(Number),
    );
    const isTable = ([first]: readonly number[]): boolean => first === given.paligemma.width;
    const logits = shapes.filter((shape) => shape.at(-1) === v && !isTable(shape));
    return Math.max(...logits.map((shape) => shape.reduce((a, b) => a * b, 1)));
  };

  it('of a training step are those of the predicted tokens, never of a camera', () => {
    expect(mostLogits(config)).toBe(samples * (config.maxTokenLen - 1) * v);
    expect(mostLogits({ ...config, lossTokens: 3 })).toBe(samples * 3 * v);
  });

  it('of a long vocabulary are never all there', () => {
    expect(mostLogits({ ...config, logitsAtOnce: 4 * v })).toBe(4 * v);
  });
});
