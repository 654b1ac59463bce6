import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const source = join(import.meta.dirname, '..', '..', 'kernels', 'kernels.as');
const common = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd'];
const threads = ['--enable', 'threads', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];

/** The kernels as a wasm module in base64, for memory that threads share or for plain memory. */
export const compiled = async (shared: boolean): Promise<string> => {
  const text = await readFile(source, 'utf8');
  let binary: Uint8Array | undefined;
  const options = ['kernels.ts', '--outFile', 'out.wasm', ...common, ...(shared ? threads : [])];
  const { error } = await asc.main(options, {
    readFile: (name) => (name === 'kernels.ts' ? text : null),
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw error ?? new Error('nothing was written');
  return Buffer.from(binary).toString('base64');
};
