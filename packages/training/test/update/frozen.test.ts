import { type FreezeSettings, frozenTableDtype, picturesOf } from '@torsor/policy';
import { key } from '@torsor/random';
import {
  type Expr,
  evaluate,
  fromFloat64,
  mul,
  program,
  roundTo,
  type TensorType,
  type TensorValue,
  toFloat64,
} from '@torsor/tensor';
import { flatten, map, type Tree, type TreeNode } from '@torsor/tree';
import { describe, expect, it } from 'vitest';
import { policyModel, recipeParams, updateSettings } from '../../src/policy-run.js';
import { frozenStorage, keptParams, nothingFrozen } from '../../src/update/frozen.js';
import { recipeOf } from '../../src/update/recipe.js';
import { right } from '../right.js';
import { tinyModel, tinySettings } from '../settings.js';

// √40 = 6.3245… is no number of bf16: between 4 and 8 those are 1/32 apart, and 202/32 is the nearest.
const width = 40;
const root = 202 / 32;

const rank = { rank: 2, alpha: 2 };
const expert = { width, depth: 2, mlpDim: 8, numHeads: 2, numKvHeads: 1, headDim: 4 };
const adapted = { ...expert, lora: { attn: rank, ffn: null } };

const settingsOf = (more: Partial<FreezeSettings>, lora = 'openpi') => ({
  ...tinySettings(
    tinyModel('pi0', { lora, paligemma: adapted, actionExpert: expert, maxTokenLen: 4, actionHorizon: 2 }),
  ),
  ...more,
});

const forLora = { freezeForLora: true } as const;

describe('frozen parameters', () => {
  it.each([
    ['auto', ['f32', 'bf16'], true, { numbers: 'bf16', held: 'bf16' }],
    ['auto', ['f32', 'bf16'], false, { numbers: 'bf16', held: 'bf16' }],
    ['auto', ['f32'], true, { numbers: 'bf16', held: 'f32' }],
    ['auto', ['f32'], false, { numbers: 'f32', held: 'f32' }],
    ['f32', ['f32', 'bf16'], true, { numbers: 'f32', held: 'f32' }],
    ['bf16', ['f32'], true, { numbers: 'bf16', held: 'bf16' }],
  ] as const)('%s where there are %j, with openpi’s habits %s: %j', (frozenDtype, dtypes, habits, expected) => {
    expect(frozenStorage({ frozenDtype }, dtypes, habits)).toEqual(expected);
  });

  it('are those of bf16 under openpi’s habits, whatever holds them, and their norms are rounded', () => {
    const settings = settingsOf(forLora);
    const model = right(policyModel(settings, 5));
    const recipe = right(recipeOf(updateSettings(settings), recipeParams(model, settings.model), ['f32']));
    const params = model.initParams(key(1));
    for (const { path, leaf } of flatten(keptParams(params, recipe.trained, recipe.frozen))) {
      const isFrozen = recipe.trained?.selected.has(path) === false;
      const numbers = Array.from(toFloat64(leaf));
      expect(leaf.type.dtype, path).toBe('f32');
      if (isFrozen) expect(numbers, path).toEqual(numbers.map((x) => roundTo('bf16', x)));
      expect(recipe.roundNarrowNorm !== false && recipe.roundNarrowNorm(path), path).toBe(isFrozen);
    }
    const plain = right(
      recipeOf(updateSettings(settings), { ...recipeParams(model, settings.model), openpiHabits: false }, ['f32']),
    );
    expect(plain.roundNarrowNorm).toBe(false);
    expect(keptParams(params, plain.trained, plain.frozen)).toBe(params);
  });

  it.each<[Partial<FreezeSettings>, string | undefined]>([
    [forLora, 'bf16'],
    [{ ...forLora, frozenDtype: 'bf16' }, 'bf16'],
    [{ ...forLora, frozenDtype: 'f32' }, undefined],
    [{ freeze: ['.*embedder.*'], frozenDtype: 'auto' }, 'bf16'],
    [{ freeze: ['.*mlp.*'], frozenDtype: 'auto' }, undefined],
  ])('with %j openpi stores the table in %s', (more, expected) => {
    expect(frozenTableDtype({ ...nothingFrozen, frozenDtype: 'auto', ...more })).toBe(expected);
  });
});

describe('prompts of a frozen table', () => {
  /** The losses of some batch, with the embedding table times a factor. */
  const lossesOf = (settings: ReturnType<typeof settingsOf>, factor: number): readonly number[] => {
    const model = right(policyModel(settings, 5));
    const pictures = picturesOf(settings);
    const types = { params: model.paramTypes, batch: model.batchTypes(pictures, 2) };
    const valueOf = ({ dtype, shape }: TensorType, i: number): TensorValue => {
      const count = shape.reduce((a, b) => a * b, 1);
      const at = (j: number): number => Math.sin(1.3 * j + i);
      return fromFloat64(
        { dtype, shape },
        Array.from({ length: count }, (_, j) => (dtype === 'f32' ? at(j) : dtype === 'bool' ? 1 : j % 5)),
      );
    };
    const built = right(
      program(types, ({ params, batch }) => {
        const scaled = map<Expr, Expr>(params as Tree<Expr>, (leaf, path) =>
          path.endsWith('input_embedding') ? mul(leaf, factor) : leaf,
        );
        return { loss: model.loss(pictures, scaled, batch as TreeNode<Expr>, 3).loss };
      }),
    );
    let i = 0;
    const values = map<TensorType, TensorValue>(types, (type) => valueOf(type, i++));
    const { loss } = right(evaluate(built, values as never)) as unknown as { readonly loss: TensorValue };
    return Array.from(loss.data);
  };

  it('are multiplied by openpi’s rounded √d on a backend without bf16', () => {
    const found = lossesOf(settingsOf(forLora), 1);
    const exact = settingsOf({ ...forLora, frozenDtype: 'f32' });
    const expected = lossesOf(exact, root / Math.sqrt(width));
    found.forEach((loss, i) => {
      expect(loss).toBeCloseTo(expected[i] ?? Number.NaN, 6);
    });
    expect(found).not.toEqual(lossesOf(exact, 1));
    expect(lossesOf(settingsOf(forLora, 'textbook'), 1)).toEqual(
      lossesOf(settingsOf({ ...forLora, frozenDtype: 'f32' }, 'textbook'), 1),
    );
  });
});
