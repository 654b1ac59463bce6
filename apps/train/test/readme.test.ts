import { readFile } from 'node:fs/promises';
import { defaultRequest, resolveConfig, showSettingsError } from '@torsor/train';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { expect, it } from 'vitest';
import { exitCodes } from '../src/cli/exit-codes.js';

const readme = (): Promise<string> => readFile(new URL('../README.md', import.meta.url), 'utf8');

it('the example gives what it says', async () => {
  const refused = resolveConfig({ ...defaultRequest, settings: ['setps=100'] });
  const shown = pipe(
    refused,
    E.mapLeft((errors) => errors.map(showSettingsError)),
  );
  const expected = 'setps: unknown key (--set setps=100); did you mean steps?';
  expect(shown).toEqual(E.left([expected]));
  expect(await readme()).toContain(expected);
});

it('the table of exit codes is the one in use', async () => {
  const rows = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const written = (await readme()).replaceAll(/ +\|/g, ' |');
  expect(written).toContain(rows.join('\n'));
});
