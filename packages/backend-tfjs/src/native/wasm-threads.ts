import { resolveObjectURL } from 'node:buffer';
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { requireHere } from './core.js';

/**
 * What a thread runs before the package's own thread script. That script is written for browsers: it arrives as a blob URL, which
 * Node's Worker refuses, and the main script it then evaluates names a few variables of the file it was cut from.
 */
const bootstrap = `
const { workerData, parentPort } = require('node:worker_threads');
const start = async (first) => {
  const [script, main] = await Promise.all([workerData.text(), first.urlOrBlob.text()]);
  const take = (values, count) => (count === undefined ? [...values] : [...values].slice(0, count));
  Object.assign(globalThis, {
    require$$0: require('fs'), require$$1: require('path'), require$$3: require('perf_hooks'), require$$4: require('os'),
    commonjsGlobal: globalThis, require, __dirname: '', __filename: 'tfjs-wasm-thread',
    __values: (o) => o[Symbol.iterator](), __read: take, __spreadArray: (a, b) => [...a, ...b],
  });
  (0, eval)(script);
  globalThis.importScripts = () => (0, eval)(main);
  globalThis.onmessage({ data: { ...first, urlOrBlob: 'tfjs-wasm-main' } });
};
parentPort.once('message', start);
`;

const keepAliveMs = 1000;

type WorkerModule = {
  Worker: typeof Worker;
};

type OsModule = {
  cpus: () => unknown[];
};

const threadClass = (base: typeof Worker, made: Set<Worker>, running: Set<Worker>): typeof Worker => {
  return class extends base {
    constructor(script: string | URL, options?: WorkerOptions) {
      // the flags of the process are for its own scripts: a loader or a module type among them would break this one
      super(bootstrap, { ...options, eval: true, execArgv: [], workerData: resolveObjectURL(String(script)) });
      made.add(this);
    }
    // a thread waits for work for ever; it must not keep the process from ending
    override ref(): void {
      this.unref();
    }
    override postMessage(...message: Parameters<Worker['postMessage']>): void {
      const [value] = message;
      if (typeof value === 'object' && value !== null && 'cmd' in value && value.cmd === 'run') running.add(this);
      super.postMessage(...message);
    }
  };
};

/** Removes the process-wide listeners that were added since this was called. */
const rememberListeners = (): (() => void) => {
  const exceptions = new Set(process.listeners('uncaughtException'));
  const rejections = new Set(process.listeners('unhandledRejection'));
  return () => {
    for (const added of process.listeners('uncaughtException')) {
      if (!exceptions.has(added)) process.removeListener('uncaughtException', added);
    }
    for (const added of process.listeners('unhandledRejection')) {
      if (!rejections.has(added)) process.removeListener('unhandledRejection', added);
    }
  };
};

/**
 * Runs the initialisation of the threaded wasm build with what it needs to start `threads` threads on Node.
 *
 * While it runs, and only then, `worker_threads.Worker` accepts the package's blob scripts and `os.cpus()` reports two processors
 * per wanted thread (the build starts half as many threads as it sees processors). Afterwards both are as before, idle workers are
 * ended, the process-wide exception listeners that the build adds are removed, and no thread keeps the process alive.
 *
 * @param threads - how many threads share the work, the main one included.
 * @param initialise - loads the backend.
 */
export const withThreads = async <A>(threads: number, initialise: () => Promise<A>): Promise<A> => {
  const workers: WorkerModule = requireHere('node:worker_threads');
  const os: OsModule = requireHere('node:os');
  const saved = {
    Worker: workers.Worker,
    cpus: os.cpus,
    global: Object.getOwnPropertyDescriptor(globalThis, 'Worker'),
  };
  const dropNewListeners = rememberListeners();
  const made = new Set<Worker>();
  const running = new Set<Worker>();
  // neither a starting nor an ending worker keeps the event loop alive
  const alive = setInterval(() => undefined, keepAliveMs);
  workers.Worker = threadClass(saved.Worker, made, running);
  os.cpus = () => new Array(threads * 2).fill(saved.cpus()[0]);
  try {
    return await initialise();
  } finally {
    workers.Worker = saved.Worker;
    os.cpus = saved.cpus;
    restoreGlobalWorker(saved.global);
    dropNewListeners();
    await Promise.all([...made].filter((worker) => !running.has(worker)).map((worker) => worker.terminate()));
    for (const worker of running) worker.unref();
    clearInterval(alive);
  }
};

const restoreGlobalWorker = (descriptor: PropertyDescriptor | undefined): void => {
  if (descriptor === undefined) Reflect.deleteProperty(globalThis, 'Worker');
  else Object.defineProperty(globalThis, 'Worker', descriptor);
};
