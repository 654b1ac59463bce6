import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { maximum, metric, metrics, metricTable, reading } from '../src/index.js';

/** The file in the repository around this one, however deep this copy of the package lies in it. */
const found = (from: string): string => {
  const path = join(from, 'docs/metrics.md');
  return existsSync(path) || from === dirname(from) ? path : found(dirname(from));
};

const path = found(import.meta.dirname);
const [begin, end] = ['<!-- the table of `pnpm docs:metrics` begins -->', '<!-- and ends -->'];

it('docs/metrics.md has the table of the declarations: `pnpm docs:metrics` writes it', () => {
  const text = readFileSync(path, 'utf8');
  const [before, rest = ''] = text.split(begin);
  const [, after] = rest.split(end);
  const written = `${before}${begin}\n\n${metricTable(metrics)}\n\n${end}${after}`;
  if (process.env['TORSOR_DOCS'] === 'write') writeFileSync(path, written);
  else expect(text).toBe(written);
});

it('a table has a row for each metric, and lines of one width', () => {
  const log = { unit: '1', when: 'log' } as const;
  const own = [
    metric({ ...log, name: 'noise', meaning: 'largest', families: ['pi0', 'own'], from: reading('n', maximum) }),
    metric({ name: 'eval/grip/<finger>', unit: 'N', when: 'eval', meaning: 'force' }),
  ];
  expect(metricTable(own)).toBe(
    [
      '| name                 | unit | when                                       | families | reads | meaning |',
      '| -------------------- | ---- | ------------------------------------------ | -------- | ----- | ------- |',
      '| `noise`              | 1    | every `logInterval` updates, and the last  | pi0, own | n     | largest |',
      '| `eval/grip/<finger>` | N    | every `evalInterval` updates, and the last | all      | –     | force   |',
    ].join('\n'),
  );
});
