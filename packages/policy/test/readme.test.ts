import { readFile } from 'node:fs/promises';
import { referenceBackend } from '@torsor/backend';
import { key } from '@torsor/random';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { openPolicy } from '../src/index.js';
import { savePolicy } from './acting/saved-policy.js';
import { right } from './right.js';
import { runFolder } from './saved-run.js';

const folder = runFolder();

it('the example of the README acts', async () => {
  // The embedded tokenizer has 512 ids.
  const model = { vocabSize: null, maxTokenLen: 48 };
  const { path } = await savePolicy(await folder.fresh(), 'pi0', { model, vocabulary: 512 });
  const acted = pipe(
    openPolicy({ backend: referenceBackend(), path }),
    TE.flatMap((policy) =>
      policy.act([{ state: new Float32Array(policy.stateDim), prompt: 'pick up the bottle', pictures: {} }], key(0)),
    ),
  );
  const [robot] = right(await acted());
  expect(robot?.actions.every(Number.isFinite)).toBe(true);
  expect([robot?.actions.length, robot?.horizon, robot?.failure]).toEqual([4, 2, null]);
  const said = 'checkpoints/00000020';
  expect(path.endsWith(said)).toBe(true);
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(said);
  expect(readme).toContain(
    "policy.act([{ state: new Float32Array(policy.stateDim), prompt: 'pick up the bottle', pictures: {} }], key(0))",
  );
});
