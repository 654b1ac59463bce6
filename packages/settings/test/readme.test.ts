import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { decodeLayers, flagLayer, showSettingsError } from '../src/index.js';

it('the example of the README gives what it says', async () => {
  const schema = z.strictObject({ steps: z.int().min(1), schedule: z.strictObject({ peakLr: z.number() }) });
  const decode = decodeLayers(schema);
  const refused = pipe(
    decode([flagLayer('--steps', ['steps'], 0), flagLayer('--lr', ['peakLr'], 1e-3)]),
    E.mapLeft((errors) => errors.map(showSettingsError)),
  );
  const errors = [
    'steps: expected at least 1, received 0 (--steps)',
    'schedule: missing; expected an object',
    'peakLr: unknown key (--lr); did you mean schedule.peakLr?',
  ];
  expect(refused).toEqual(E.left(errors));
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  for (const error of errors) expect(readme).toContain(error);
});
