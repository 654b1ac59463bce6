import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@torsor/backend';
import { add, fromFloat64, matmul, program, tanh, tensorType } from '@torsor/tensor';
import { describe, expect, it } from 'vitest';
import { compileCache } from '../src/native/cache.js';
import { openPlugin, type XlaOptions } from '../src/open.js';
import { built, done, missing, plugin, right } from './native/found.js';

const square = tensorType('f32', [8, 8]);
const step = built(program({ x: square }, ({ x }) => tanh(add(matmul(x, x), x))));

const directory = (): Promise<string> => mkdtemp(join(tmpdir(), 'torsor-compile-'));

const opened = (compiled: string | null, more: Partial<XlaOptions> = {}): Backend =>
  right(openPlugin(plugin(), { compileCache: compiled, mesh: null, precision: 'highest', ...more }));

const result = async (backend: Backend): Promise<readonly number[]> => {
  const executable = await done(backend.compile(step));
  const x = await done(
    backend.put(
      fromFloat64(
        square,
        Float64Array.from({ length: 64 }, (_, i) => Math.sin(i)),
      ),
    ),
  );
  const y = await done(backend.run(executable, { x }));
  const { data } = await done(backend.get(y));
  await done(backend.release([x, y]));
  return [...data];
};

const entry = async (at: string): Promise<string> => {
  const [name, ...others] = await readdir(at);
  expect(others).toEqual([]);
  return join(at, name ?? '');
};

describe.skipIf(missing !== undefined)(
  `the compile cache${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    it('gives the same results warm as cold, and stores nothing anew', async () => {
      const at = await directory();
      const cold = await result(opened(at));
      const before = await readFile(await entry(at));
      expect(await result(opened(at))).toEqual(cold);
      expect((await readFile(await entry(at))).equals(before)).toBe(true);
      expect(await result(opened(null))).toEqual(cold);
    });

    it('replaces what is cut short, and what is whole and no executable', async () => {
      const at = await directory();
      const cold = await result(opened(at));
      const path = await entry(at);
      const whole = await readFile(path);
      await writeFile(path, whole.subarray(0, -1));
      expect(await result(opened(at))).toEqual(cold);
      expect((await readFile(path)).length).toBe(whole.length);
      const key = { module: 'any', options: Uint8Array.of(), target: [] };
      const elsewhere = await directory();
      await compileCache(elsewhere).write(key, Buffer.from('garbage, with a digest that is right'));
      await writeFile(path, await readFile(await entry(elsewhere)));
      expect(await result(opened(at))).toEqual(cold);
      expect((await readFile(path)).length).toBe(whole.length);
    });

    it('keeps what was compiled with other options apart', async () => {
      const at = await directory();
      const usual = await result(opened(at));
      const quick = { xla_backend_optimization_level: 0 };
      const other = await result(opened(at, { compilerOptions: quick }));
      expect(other.map((x, i) => Math.abs(x - (usual[i] ?? Number.NaN))).filter((error) => !(error < 1e-6))).toEqual(
        [],
      );
      expect((await readdir(at)).length).toBe(2);
      await result(opened(at, { compilerOptions: quick }));
      expect((await readdir(at)).length).toBe(2);
    });

    it('says which option the compiler does not know', async () => {
      const refused = await opened(null, { compilerOptions: { xla_no_such_option: true } }).compile(step)();
      expect(JSON.stringify(refused)).toContain('xla_no_such_option');
    });

    it('is used by several openings at once', async () => {
      const at = await directory();
      const results = await Promise.all([1, 2, 3].map(() => result(opened(at))));
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
      await entry(at);
    });

    it('compiles without it, and says once that nothing is kept', async () => {
      const at = await directory();
      await result(opened(at));
      const lines: string[] = [];
      const backend = opened(join(await entry(at), 'below a file'), { log: (line) => lines.push(line) });
      expect(await result(backend)).toEqual(await result(backend));
      expect(lines.length).toBe(1);
    });
  },
);
