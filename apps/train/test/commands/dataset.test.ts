import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { loadDataset } from '../../src/commands/dataset.js';
import { defaultRequest, resolveConfig } from '../../src/config/resolve.js';

const tasksWith = async (...settings: readonly string[]): Promise<readonly string[]> => {
  const config = resolveConfig({ ...defaultRequest, settings });
  if (E.isLeft(config)) throw new Error(JSON.stringify(config.left));
  const dataset = await loadDataset(config.right, false)();
  if (E.isLeft(dataset)) throw new Error(JSON.stringify(dataset.left));
  return [...dataset.right.tasks.values()];
};

it('data.prompt is given to every sample instead of its task', async () => {
  const own = await tasksWith();
  expect(own.length).toBeGreaterThan(0);
  expect(own).not.toContain('uncap the pen');
  expect(await tasksWith('data.prompt=uncap the pen')).toEqual(own.map(() => 'uncap the pen'));
});
