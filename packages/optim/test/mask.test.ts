import { gradientTransformationLaws, runLaws } from '@torsor/laws';
import { constant, tensorType } from '@torsor/tensor';
import { leaves, paths, type Tree } from '@torsor/tree';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import {
  addDecayedWeights,
  applyUpdates,
  chain,
  freeze,
  type GradientTransformation,
  type Mask,
  masked,
  maskOf,
  merge,
  partition,
  scaleByAdam,
  scaleByLearningRate,
  showOptimError,
  trainedMask,
} from '../src/index.js';
import { computed, firstUpdate, mapNumbers, numbers, numbersAt, run, tensors, types, updateFailure } from './trees.js';

const made = (filter: RegExp | ((path: string) => boolean), tree: Tree<unknown> = types): Mask => {
  const mask = maskOf(tree, filter);
  if (E.isLeft(mask)) throw new Error(showOptimError(mask.left));
  return mask.right;
};

const allPaths = paths(types);
const somePaths = fc.subarray([...allPaths], { minLength: 1 });
const adam = scaleByAdam({ b1: 0.9, b2: 0.95, eps: 1e-8 });

describe('maskOf', () => {
  it('a filter and its negation part the paths', () => {
    fc.assert(
      fc.property(fc.subarray([...allPaths], { minLength: 1, maxLength: allPaths.length - 1 }), (chosen) => {
        const yes = made((path) => chosen.includes(path)).selected;
        const no = made((path) => !chosen.includes(path)).selected;
        expect([...yes, ...no].sort()).toEqual([...allPaths].sort());
      }),
    );
  });

  it('a filter that matches nothing is refused with the paths', () => {
    const refused = E.mapLeft(showOptimError)(maskOf(types, /encodr/));
    expect(refused).toEqual(
      E.left(
        'the filter /encodr/ matches none of the parameters decoder/bias, decoder/kernel, temperature; correct it or leave it out',
      ),
    );
    const many = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`p${i}`, 0]));
    expect(E.mapLeft(showOptimError)(maskOf(many, () => false))).toEqual(
      E.left(
        'the filter given matches none of the parameters p0, p1, p2, p3, p4 and 2 more; correct it or leave it out',
      ),
    );
  });

  it('a predicate sees path and leaf, a regular expression the path, sticky or not', () => {
    expect([...made(/bias$/g).selected]).toEqual(['decoder/bias']);
    const flat = maskOf(types, function flat(_, type) {
      return type.shape.length < 2;
    });
    expect(E.map((mask: Mask) => [mask.filter, [...mask.selected]])(flat)).toEqual(
      E.right(['flat', ['decoder/bias', 'temperature']]),
    );
  });
});

describe('trainedMask', () => {
  const filters = fc.array(somePaths, { maxLength: 3 });

  it('and what any of the filters selects part the paths', () => {
    fc.assert(
      fc.property(filters, (chosen) => {
        const frozen = new Set(chosen.flat());
        fc.pre(frozen.size < allPaths.length);
        const trained = trainedMask(
          types,
          chosen.map((some) => (path: string) => some.includes(path)),
        );
        const rest = allPaths.filter((path) => !frozen.has(path));
        expect(E.map((mask: Mask) => [...mask.selected].sort())(trained)).toEqual(E.right(rest.sort()));
      }),
    );
  });

  it('refuses a filter that matches nothing, and filters that leave nothing to train', () => {
    const said = (frozen: readonly RegExp[]) => E.mapLeft(showOptimError)(trainedMask(types, frozen));
    expect(said([/bias/, /encodr/])).toMatchObject({ left: expect.stringContaining('/encodr/ matches none') });
    expect(said([/./])).toMatchObject({ left: expect.stringContaining('unfrozen matches none') });
  });
});

describe('partition and merge', () => {
  it('are inverse, whatever is selected', () => {
    fc.assert(
      fc.property(somePaths, (chosen) => {
        const { selected, rest } = partition(
          types,
          made((path) => chosen.includes(path)),
        );
        expect([...paths(selected)].sort()).toEqual([...chosen].sort());
        expect(leaves(selected).length + leaves(rest).length).toBe(allPaths.length);
        const blank = { decoder: { bias: 0, kernel: 0 }, temperature: 0 };
        expect(merge<unknown>(merge<unknown>(blank, selected), rest)).toEqual(types);
      }),
    );
  });
});

describe('masked', () => {
  const decay = masked(chain(adam, addDecayedWeights(0.1)), made(/kernel/));
  runLaws(gradientTransformationLaws(decay, { params: types }), it);

  it('transforms the selected leaves as it would them alone, and no others', () => {
    fc.assert(
      fc.property(
        tensors,
        fc.array(tensors, { minLength: 1, maxLength: 3 }),
        somePaths,
        (params, gradients, chosen) => {
          const mask = made((path) => chosen.includes(path));
          const part = (tree: typeof params): typeof params => partition(tree, mask).selected;
          const whole = run(masked(adam, mask), params, gradients);
          const alone = run(adam, part(params), gradients.map(part));
          whole.forEach((step, t) => {
            for (const path of allPaths) {
              const expected = chosen.includes(path) ? alone[t] : gradients[t];
              expect(numbersAt(step, path)).toEqual(numbersAt(expected ?? {}, path));
            }
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('weights decay only where the mask says', () => {
    fc.assert(
      fc.property(tensors, tensors, (params, gradient) => {
        const direct = firstUpdate(addDecayedWeights(0.1, made(/kernel/)), params, gradient);
        const around = firstUpdate(masked(addDecayedWeights(0.1), made(/kernel/)), params, gradient);
        expect(numbers(direct)).toEqual(numbers(around));
      }),
    );
  });

  const foreign = made(/head/, { head: 0 });
  it.each<readonly [string, GradientTransformation]>([
    ['masked', masked(adam, foreign)],
    ['freeze', freeze(foreign)],
  ])('%s refuses a mask of other parameters', (_, transformation) => {
    expect(updateFailure(transformation)).toContain("the mask of /head/ has 'head', which the updates have not");
  });
});

describe('freeze', () => {
  runLaws(gradientTransformationLaws(freeze(made(/kernel/)), { params: types }), it);

  it('leaves frozen parameters as they are, bit for bit, and the others alone', () => {
    const withZeros = tensors.map((tree) => mapNumbers(tree, (x) => (x === 0 ? -0 : x)));
    fc.assert(
      fc.property(withZeros, tensors, somePaths, (params, gradient, chosen) => {
        const frozen = chain(scaleByLearningRate(0.5), freeze(made((path) => chosen.includes(path))));
        const updates = firstUpdate(frozen, params, gradient);
        const next = computed({ params, updates }, (given) => applyUpdates(given.params, given.updates));
        for (const path of allPaths) {
          const before = numbersAt(params, path);
          const moved = before.map((p, i) => p - 0.5 * (numbersAt(gradient, path)[i] ?? 0));
          numbersAt(next, path).forEach((x, i) => {
            if (chosen.includes(path)) expect(Object.is(x, before[i])).toBe(true);
            else expect(x).toBeCloseTo(moved[i] ?? 0, 12);
          });
        }
      }),
    );
  });

  it('keeps the dtype of what it freezes', () => {
    const updates = freeze(made(/a/, { a: 0 })).update(
      { a: constant(1, 'bf16', [2]) },
      {},
      { a: constant(1, 'bf16', [2]) },
    );
    expect(updates.updates.a).toMatchObject({ type: tensorType('bf16', [2]) });
  });
});
