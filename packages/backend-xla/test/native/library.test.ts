import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clientOf } from '../../src/native/client.js';
import { loadLibrary } from '../../src/native/library.js';
import { compileOptions } from '../../src/options.js';
import { called, client, missing, plugin } from './found.js';
import { hostPlugin } from './plugin/library.js';

const options = compileOptions({ partitions: 1, debug: {} });

const refusal = async (module: string): Promise<unknown> => {
  const answer = await client().compile(module, options)();
  return answer._tag === 'Left' ? answer.left : answer.right.destroy();
};

describe('loadLibrary', () => {
  it('refuses what is no library, in the words of the loader, and says which file', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'torsor-library-')), 'plugin.so');
    for (const content of ['not a library', '', hostPlugin().subarray(0, 200)]) {
      await writeFile(path, content);
      expect(loadLibrary(path, [])).toMatchObject({ left: { _tag: 'LoadFailed', path, reason: expect.any(String) } });
    }
    expect(loadLibrary('/nowhere.so', [])).toMatchObject({ left: { _tag: 'LoadFailed' } });
  });

  it('refuses a library that is no plugin', () => {
    const answer = loadLibrary('libm.so.6', []);
    expect(answer).toMatchObject({ left: { _tag: 'LoadFailed', reason: expect.stringContaining('GetPjrtApi') } });
  });
});

describe.skipIf(missing !== undefined)(`a plugin${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it('is one library and one client, by whatever name it is opened', async () => {
    const link = join(await mkdtemp(join(tmpdir(), 'torsor-library-')), 'link.so');
    await symlink(plugin().path, link);
    const [one, other] = [plugin().path, link].map((path) => called(loadLibrary(path, plugin().preload)));
    expect(one).toBe(other);
    if (one !== undefined && other !== undefined) expect(called(clientOf(one))).toBe(called(clientOf(other)));
  });

  it("gives a refusal of the compiler's with the operation that it is about", async () => {
    const product =
      'stablehlo.dot"(%x, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<3xf32> loc("scan#1/dot_general#2")';
    const main = `func.func public @main(%x: tensor<2xf32>) -> tensor<3xf32> { %0 = "${product}
      return %0 : tensor<3xf32> }`;
    expect(await refusal(`module @m { ${main} }`)).toMatchObject({
      _tag: 'CallFailed',
      call: 'Client_Compile',
      message: expect.stringContaining('scan#1/dot_general#2'),
    });
  });

  it('refuses what is no module and what are no options', async () => {
    expect(await refusal('nonsense')).toMatchObject({ _tag: 'CallFailed' });
    expect(await refusal('')).toMatchObject({ _tag: 'CallFailed' });
    const empty = 'module @m { func.func public @main() { return } }';
    expect(await client().compile(empty, Uint8Array.of(255, 255))()).toMatchObject({
      left: { code: 'INVALID_ARGUMENT' },
    });
  });

  it('refuses to load what it has not serialised', async () => {
    for (const bytes of [Buffer.from('garbage'), Buffer.alloc(1000, 7)])
      expect(await client().deserialize(bytes)()).toMatchObject({ left: { _tag: 'CallFailed' } });
  });
});
