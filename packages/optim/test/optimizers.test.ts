import { ExactTensor, gradientTransformationLaws, runLaws } from '@torsor/laws';
import { type constant, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamw, addDecayedWeights, applyUpdates, scaleByLearningRate, sgd, trace } from '../src/index.js';
import { computed, failure, firstUpdate, numbers, run, tensors, updateFailure } from './trees.js';

const decay = fc.double({ min: 0, max: 0.99, noNaN: true });

describe('trace', () => {
  runLaws(gradientTransformationLaws(trace({ decay: 0.9, nesterov: false })), it);

  it('decay 0 changes nothing', () => {
    fc.assert(
      fc.property(fc.array(tensors, { minLength: 1, maxLength: 3 }), fc.boolean(), (gradients, nesterov) => {
        const updates = run(trace({ decay: 0, nesterov }), gradients[0] ?? {}, gradients);
        expect(updates.flatMap(numbers).map((x) => x + 0)).toEqual(gradients.flatMap(numbers).map((x) => x + 0));
      }),
    );
  });

  it('is the decaying sum; nesterov looks one step ahead', () => {
    fc.assert(
      fc.property(tensors, tensors, decay, (first, second, d) => {
        const [, plain = {}] = run(trace({ decay: d, nesterov: false }), first, [first, second]);
        const [, ahead = {}] = run(trace({ decay: d, nesterov: true }), first, [first, second]);
        numbers(first).forEach((g0, i) => {
          const g1 = numbers(second)[i] ?? 0;
          expect(numbers(plain)[i]).toBeCloseTo(g1 + d * g0, 10);
          expect(numbers(ahead)[i]).toBeCloseTo(g1 + d * (g1 + d * g0), 10);
        });
      }),
    );
  });

  it('refuses a decay of 1 and the state of other parameters', () => {
    expect(updateFailure(trace({ decay: 1, nesterov: false }))).toContain('decay is 1');
    const plain = trace({ decay: 0.5, nesterov: false });
    expect(failure((p) => plain.update(p, plain.init({ p }), p).updates)).toContain('trees differ');
  });
});

describe('adamw and sgd', () => {
  const options = { b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 0.1, learningRate: 0.1 };
  runLaws(gradientTransformationLaws(adamw({ ...options, clipGradientNorm: 1 })), (name, check) =>
    it(`adamw: ${name}`, check),
  );
  runLaws(gradientTransformationLaws(sgd({ learningRate: 0.1 })), (name, check) => it(`sgd: ${name}`, check));

  it('a learning rate may be an input', () => {
    fc.assert(
      fc.property(tensors, (params) => {
        const rate = new ExactTensor(tensorType('f32'), Float64Array.of(0.25));
        const fromInput = computed({ params, rate }, (given) => {
          const optimizer = sgd({ learningRate: given.rate as ReturnType<typeof constant> });
          return optimizer.update(given.params, optimizer.init(given.params), given.params).updates;
        });
        expect(numbers(fromInput)).toEqual(numbers(firstUpdate(sgd({ learningRate: 0.25 }), params, params)));
      }),
    );
  });

  it('adamw without clipping is Adam, then decay, then −lr', () => {
    fc.assert(
      fc.property(tensors, tensors, (params, gradient) => {
        const step = firstUpdate(adamw(options), params, gradient);
        numbers(step).forEach((x, i) => {
          const [p, g] = [numbers(params)[i] ?? 0, numbers(gradient)[i] ?? 0];
          expect(x).toBeCloseTo(-0.1 * (g / (Math.abs(g) + 1e-8) + 0.1 * p), 6);
        });
      }),
    );
  });

  it('descends: sgd on a parabola shrinks the parameters', () => {
    fc.assert(
      fc.property(tensors, (params) => {
        const updates = firstUpdate(sgd({ learningRate: 0.25 }), params, params);
        const next = computed({ params, updates }, (given) => applyUpdates(given.params, given.updates));
        expect(numbers(next)).toEqual(numbers(params).map((p) => 0.75 * p));
      }),
    );
  });
});

describe('addDecayedWeights and scaleByLearningRate', () => {
  runLaws(gradientTransformationLaws(addDecayedWeights(0.1)), (name, check) => it(`addDecayedWeights: ${name}`, check));
  runLaws(gradientTransformationLaws(scaleByLearningRate(0.1)), (name, check) =>
    it(`scaleByLearningRate: ${name}`, check),
  );

  it('a decay of 0 adds nothing', () => {
    fc.assert(
      fc.property(tensors, (gradient) => {
        expect(numbers(firstUpdate(addDecayedWeights(0), gradient, gradient))).toEqual(numbers(gradient));
      }),
    );
  });

  it('refuses a negative decay and other parameters', () => {
    expect(updateFailure(addDecayedWeights(-1))).toContain('weightDecay is -1');
    expect(failure((p) => addDecayedWeights(1).update(p, {}, { p } as typeof p).updates)).toContain('trees differ');
    expect(failure((p) => applyUpdates(p, { p }))).toContain('trees differ');
  });
});
