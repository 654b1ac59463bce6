import { appendFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { partsDirectory } from './parts.js';
import type { Fidelity } from './table.js';

/** Notes a comparison, right or wrong, before the test judges it. */
export const record = (entry: Fidelity): void => {
  const file = basename(expect.getState().testPath ?? 'unknown').replace(/\.test\.ts$/, '');
  mkdirSync(partsDirectory, { recursive: true });
  appendFileSync(join(partsDirectory, `${file}.jsonl`), `${JSON.stringify(entry)}\n`);
};
