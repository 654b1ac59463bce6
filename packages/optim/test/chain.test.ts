import { gradientTransformationLaws, runLaws } from '@torsor/laws';
import { flatten, unflatten } from '@torsor/tree';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  type GradientTransformation,
  scaleByAdam,
  scaleByLearningRate,
  trace,
} from '../src/index.js';
import { computed, numbers, run, tensors } from './trees.js';

const stages: readonly GradientTransformation[] = [
  clipByGlobalNorm(0.5),
  scaleByAdam({ b1: 0.9, b2: 0.95, eps: 1e-8 }),
  addDecayedWeights(0.1),
  scaleByLearningRate(0.1),
  trace({ decay: 0.9, nesterov: true }),
];

const stage = fc.constantFrom(...stages);
const steps = fc.array(tensors, { minLength: 1, maxLength: 3 });

const same = (a: GradientTransformation, b: GradientTransformation): void =>
  fc.assert(
    fc.property(tensors, steps, (params, gradients) => {
      expect(run(a, params, gradients).map(numbers)).toEqual(run(b, params, gradients).map(numbers));
    }),
    { numRuns: 5 },
  );

describe('chain', () => {
  runLaws(gradientTransformationLaws(chain(...stages)), it);

  it('is associative', () => {
    fc.assert(
      fc.property(fc.tuple(stage, stage, stage), ([a, b, c]) => same(chain(chain(a, b), c), chain(a, chain(b, c)))),
      { numRuns: 15 },
    );
  });

  it('of none, or with one, changes nothing', () => {
    fc.assert(
      fc.property(stage, (a) => {
        same(chain(chain(), a), a);
        same(chain(a, chain()), a);
      }),
      { numRuns: 10 },
    );
  });

  it('applies its stages in order', () => {
    fc.assert(
      fc.property(tensors, tensors, (params, gradient) => {
        const [update = {}] = run(chain(addDecayedWeights(0.5), scaleByLearningRate(2)), params, [gradient]);
        const expected = numbers(gradient).map((g, i) => -2 * (g + 0.5 * (numbers(params)[i] ?? 0)));
        expect(numbers(update).map((x) => x + 0)).toEqual(expected.map((x) => x + 0));
      }),
    );
  });

  it('has a state that survives flattening', () => {
    fc.assert(
      fc.property(tensors, (params) => {
        const state = computed({ params }, (given) => chain(...stages).init(given.params));
        expect(unflatten(flatten(state))).toEqual(E.right(state));
      }),
      { numRuns: 3 },
    );
  });
});
