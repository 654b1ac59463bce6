import { availableParallelism } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { messageOf } from '@torsor/install';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { requireHere, type TfjsCore, tfjsCore } from './core.js';
import type { NativeSetupError, NativeTask } from './error.js';
import type { LoadedWasm } from './loaded.js';
import { withThreads } from './wasm-threads.js';

type WasmModule = typeof import('@tensorflow/tfjs-backend-wasm');

const maxThreads = 4;

const start = async (core: TfjsCore): Promise<boolean> => {
  const started = await core.setBackend('wasm');
  if (started) await core.ready();
  return started;
};

const startThreaded = async (core: TfjsCore, wasm: WasmModule, threads: number): Promise<boolean> => {
  core.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true);
  wasm.setThreadsCount(threads);
  return withThreads(threads, () => start(core)).catch(() => false);
};

const load = async (threads: number): Promise<LoadedWasm> => {
  const core = tfjsCore();
  const wasm: WasmModule = requireHere('@tensorflow/tfjs-backend-wasm');
  const files = join(dirname(requireHere.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
  if (core.findBackend('wasm') === null) {
    wasm.setWasmPaths(files + sep);
    const threaded = threads > 1 && (await startThreaded(core, wasm, threads));
    if (!threaded) {
      core.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      if (!(await start(core))) throw new Error(`the wasm files in ${files} cannot be started`);
    }
  }
  const count = wasm.getThreadsCount();
  const backend = core.findBackend('wasm');
  if (!(backend instanceof wasm.BackendWasm)) throw new Error('another wasm backend is registered');
  return {
    kind: 'wasm',
    core,
    backend,
    description: `tfjs wasm ${wasm.version_wasm}, SIMD, ${count} ${count === 1 ? 'thread' : 'threads'}`,
  };
};

/**
 * Loads the wasm backend from the installed package; nothing is fetched from a network.
 *
 * The first load of a process decides the number of threads. Where threads cannot be started it runs on one.
 *
 * @param threads - at most this many threads; by default the processors available, up to four.
 * @errors `LoadFailed`.
 */
export const loadWasm = (threads: number = Math.min(availableParallelism(), maxThreads)): NativeTask<LoadedWasm> => {
  return TE.tryCatch(
    () => load(threads),
    (cause): NativeSetupError => ({
      _tag: 'LoadFailed',
      what: '@tensorflow/tfjs-backend-wasm',
      reason: messageOf(cause),
      remedy: 'Install the dependencies again.',
    }),
  );
};
