import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { multiply } from '../../src/loops/matmul.js';
import { modules } from '../../src/wasm/module.js';
import { type Memory, ownKernels } from '../../src/wasm/simd.js';
import { compiled } from './compile.js';

const target = join(import.meta.dirname, '..', '..', 'src', 'wasm', 'module.ts');
const lines = (base64: string): string => (base64.match(/.{1,100}/g) ?? []).map((line) => `    '${line}',`).join('\n');

const plainMemory = (): Memory => {
  const engine: { readonly Memory: new (of: { readonly initial: number }) => Memory } = Reflect.get(
    globalThis,
    'WebAssembly',
  );
  return new engine.Memory({ initial: 2 });
};

describe('the compiled kernels', () => {
  it('are what kernels/kernels.as compiles to', async () => {
    const [plain, shared] = [await compiled(false), await compiled(true)];
    // TORSOR_UPDATE_KERNELS=1 writes what this test compares
    if (process.env['TORSOR_UPDATE_KERNELS'] === '1') {
      const header =
        '/** kernels/kernels.as as wasm modules in base64: for plain memory, and for memory that threads share. */';
      const text = `${header}\nexport const modules = {\n  plain: [\n${lines(plain)}\n  ].join(''),\n  shared: [\n${lines(shared)}\n  ].join(''),\n} as const;\n`;
      await writeFile(target, text);
    } else {
      expect(modules).toEqual({ plain, shared });
    }
  });

  it.each([
    [1, 1, 1, 1],
    [2, 4, 3, 8],
    [3, 5, 7, 11],
    [2, 9, 16, 99],
    [1, 33, 2, 4],
    [2, 3, 5, 3],
  ])('multiply [%i, %i, %i, %i] as a plain loop does', (b, m, k, n) => {
    const memory = plainMemory();
    const run = ownKernels(memory);
    if (run === undefined) throw new Error('the module does not start');
    const [x, y] = [b * m * k, b * k * n];
    const all = new Float32Array(memory.buffer);
    for (let i = 0; i < x + y; i++) all[i] = ((i * 37) % 19) - 9;
    run.multiply(0, 4 * x, 4 * (x + y), b, m, k, n);
    const expected = new Float32Array(b * m * n);
    multiply(expected, all.subarray(0, x), all.subarray(x, x + y), { b, m, k, n });
    expect(all.subarray(x + y, x + y + b * m * n)).toEqual(expected);
  });
});
