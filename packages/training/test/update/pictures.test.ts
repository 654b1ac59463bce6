import { picturesOf } from '@torsor/policy';
import { describe, expect, it } from 'vitest';
import { policyObjective } from '../../src/objective.js';
import { policyModel, updateSettings } from '../../src/policy-run.js';
import { firstProgram, lossProgram, updateProgram } from '../../src/update/program.js';
import { recipeOf } from '../../src/update/recipe.js';
import { right } from '../right.js';
import { tinyModel, tinySettings } from '../settings.js';

describe('pictures', () => {
  const cameras = { a: 'x', b_wrist: 'y' };

  /** The paths of what varies pictures among the inputs of an update, and of a loss. */
  const varied = (kind: 'pi0' | 'pi0-fast', augment: boolean) => {
    const settings = tinySettings(
      tinyModel(kind, { cameras: Object.keys(cameras), imageSize: [16, 16], siglip: 'mu/16' }),
    );
    const model = right(policyModel(settings, 300));
    const pictures = picturesOf({ model: settings.model, data: { cameras, augment, jitter: 'full' } });
    const objective = policyObjective(model, { pictures, realDims: 3, batchSize: 2 });
    const recipe = right(recipeOf(updateSettings(settings), model, ['f32']));
    const { optimizer } = right(firstProgram(recipe)).signature.outputs;
    const pathsOf = (inputs: readonly { readonly path: string }[]): readonly string[] =>
      inputs.map(({ path }) => path).filter((path) => path.includes('/augmentation/'));
    return {
      update: pathsOf(right(updateProgram(recipe, objective, optimizer)).inputs),
      loss: pathsOf(right(lossProgram(recipe, objective)).inputs),
    };
  };

  it.each(['pi0', 'pi0-fast'] as const)('are varied in the updates of %s, never where it is evaluated', (kind) => {
    const { update, loss } = varied(kind, true);
    expect(update.length).toBeGreaterThan(0);
    expect(loss).toEqual([]);
  });

  it('of a wrist are coloured, but neither cropped nor turned', () => {
    const { update } = varied('pi0', true);
    const geometry = update.filter((path) => path.includes('/geometry/'));
    expect(geometry.every((path) => path.includes('/geometry/a/'))).toBe(true);
    expect(geometry).toHaveLength(3);
    expect(update).toContain('batch/inputs/augmentation/jitter/b_wrist/hue');
  });

  it('are not varied where the configuration says so', () => {
    expect(varied('pi0', false).update).toEqual([]);
  });
});
