import { existsSync } from 'node:fs';
import type { Backend } from '@torsor/backend';
import { cacheDirectory } from '@torsor/install';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingDirectory } from '../src/native/directories.js';
import { openTfjs } from '../src/open.js';
import { done, programOf, runOn, valuesFor, worst } from './agreement.js';
import { cases } from './cases.js';

const tolerance = 2e-6;
const places = { env: process.env, project: process.cwd() };
const linked = existsSync(bindingDirectory(cacheDirectory(process.env), 'cpu'));

describe.each(['wasm', 'tfjs-node'] as const)('%s agrees with the reference', (kind) => {
  let backend: Backend | undefined;
  const present = kind === 'wasm' || linked;
  const opened = (): Backend => {
    if (backend === undefined) throw new Error('not opened');
    return backend;
  };

  beforeAll(async () => {
    if (present) backend = await done(openTfjs(kind, places));
  });
  afterAll(() => {
    if (present) expect(opened().memory()).toEqual({ buffers: 0, bytes: 0 });
  });

  // the native backend is there after `torsor setup tfjs-native`
  it.skipIf(!present).each(cases)('$name', async (one) => {
    const program = programOf(one);
    const values = valuesFor(one);
    expect(worst(program, values, await runOn(opened(), program, values))).toBeLessThan(tolerance);
  });
});
