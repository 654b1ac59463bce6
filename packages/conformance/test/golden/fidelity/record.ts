import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { partsDirectory } from './parts.js';
import type { Fidelity } from './table.js';

const entries: Fidelity[] = [];

/** Notes a comparison, right or wrong, before the test judges it. */
export const record = (entry: Fidelity): void => {
  entries.push(entry);
};

afterAll(() => {
  if (entries.length === 0) return;
  const file = basename(expect.getState().testPath ?? 'unknown').replace(/\.test\.ts$/, '');
  mkdirSync(partsDirectory, { recursive: true });
  writeFileSync(join(partsDirectory, `${file}.json`), JSON.stringify(entries));
});
