import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '@torsor/install';
import { describe, expect, it } from 'vitest';
import { bindingDirectory } from '../../src/native/directories.js';

const directory = join(import.meta.dirname, '..', '..');
const others = (process.env['TORSOR_NODES'] ?? '').split(':').filter((path) => path !== '');
const linked = existsSync(bindingDirectory(cacheDirectory(process.env), 'cpu'));

/** Threads that wait for one another are not left to wait beside the other tests. */
const limit = { timeout: 150_000, killSignal: 'SIGKILL' } as const;

/** Loads the backends, multiplies, and says what a program that does so leaves behind. */
const script = `
const { openTfjs } = await import('./src/open.ts');
const { program, tensorType, matmul, fromFloat64 } = await import('@torsor/tensor');
const listeners = process.listenerCount('uncaughtException');
for (const kind of ${JSON.stringify(linked ? ['tfjs-node', 'wasm'] : ['wasm'])}) {
  const opened = await openTfjs(kind, { env: process.env, project: process.cwd() })();
  if (opened._tag === 'Left') throw new Error(JSON.stringify(opened.left));
  const backend = opened.right;
  const type = tensorType('f32', [2, 2]);
  const built = program({ x: type }, ({ x }) => matmul(x, x));
  const executable = (await backend.compile(built.right)()).right;
  const x = (await backend.put(fromFloat64(type, [1, 2, 3, 4]))()).right;
  const y = (await backend.run(executable, { x })()).right;
  console.log(kind, [...(await backend.get(y)()).right.data].join(' '));
}
console.log('left', process.listenerCount('uncaughtException') - listeners, 'Worker' in globalThis);
`;

describe.each([process.execPath, ...others])('%s', (node) => {
  it('computes on every backend there is, prints nothing else, and ends', async () => {
    const args = ['--import', 'tsx', '--conditions=@torsor/source', '--input-type=module', '-e', script];
    const ran = await promisify(execFile)(node, args, { cwd: directory, ...limit });
    const lines = [...(linked ? ['tfjs-node 7 10 15 22'] : []), 'wasm 7 10 15 22', 'left 0 false'];
    expect(ran.stdout).toBe(`${lines.join('\n')}\n`);
  });
});
