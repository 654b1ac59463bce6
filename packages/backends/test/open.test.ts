import { expect, it } from 'vitest';
import { tryBackend, wantedOf } from '../src/index.js';

const named = { TORSOR_PJRT_PLUGIN: '/nowhere/plugin.so' };

it('a plugin that the user names is asked for, and XLA for a mesh, unless another backend is', () => {
  expect(wantedOf('auto', { env: {} })).toBe('auto');
  expect(wantedOf('auto', { env: { TORSOR_PJRT_PLUGIN: '' } })).toBe('auto');
  expect(wantedOf('auto', { env: named })).toBe('xla');
  expect(wantedOf('wasm', { env: named })).toBe('wasm');
  expect(wantedOf('auto', { env: {}, mesh: { axes: [{ name: 'data', size: 2 }] } })).toBe('xla');
});

it('a plugin that is not there is refused by name, with what to do', async () => {
  const { attempt } = await tryBackend('xla', { env: named, project: '/nowhere' })();
  expect(attempt).toMatchObject({ kind: 'xla', available: false });
  for (const part of ['/nowhere/plugin.so does not exist', 'fetch one (setupXla)'])
    expect(attempt.detail).toContain(part);
});
