import { Worker } from 'node:worker_threads';
import { fromFloat64 } from '@torsor/tensor';
import { openPlugin } from '../../src/open.js';
import { done, plugin, right } from './found.js';
import { longCompile, longRun, matrix } from './programs.js';

/*
 * A program that ends, or is ended, while XLA is at work. Its first argument says how, its
 * second where compiled programs are kept.
 */
const [, , how = '', cache = null] = process.argv;

const opened = () => openPlugin(plugin(), { compileCache: cache, mesh: null, precision: 'highest' });

const compiling = (): void => {
  void done(right(opened()).compile(longCompile));
};

const running = async (donate: readonly string[]): Promise<void> => {
  const backend = right(opened());
  const executable = await done(backend.compile(longRun));
  const x = await done(backend.put(fromFloat64(matrix, new Float64Array(160000))));
  void done(backend.run(executable, { x }, { donate }));
  if (donate.length === 0) void done(backend.get(x));
};

const ways = {
  compile: () => {
    compiling();
    setTimeout(() => process.exit(7), 20);
  },
  run: async () => {
    await running([]);
    setTimeout(() => process.exit(7), 20);
  },
  'run, at once': async () => {
    await running(['x']);
    process.exit(7);
  },
  error: () => {
    compiling();
    setTimeout(() => {
      throw new Error('of the program');
    }, 20);
  },
  'to its end': () => running(['x']),
  'sum into': async () => {
    const backend = right(opened());
    const executable = await done(backend.compile(longRun));
    const x = await done(backend.put(fromFloat64(matrix, new Float64Array(160000).fill(0.01))));
    const result = await done(backend.run(executable, { x }));
    console.log((await done(backend.get(result.x))).data.slice(0, 3).join(' '));
  },
  wait: async () => {
    await running(['x']);
    compiling();
    console.log('at work');
  },
  worker: () => {
    right(opened());
    const [tsx, self] = [import.meta.resolve('tsx/esm/api'), import.meta.url].map((url) => JSON.stringify(url));
    // A worker does not inherit the loader of TypeScript.
    const script = `import(${tsx}).then(({ register }) => { register(); return import(${self}); });`;
    new Worker(script, { eval: true, argv: ['in a worker'] });
  },
  'in a worker': () => {
    console.log(JSON.stringify(opened()));
  },
} satisfies Readonly<Record<string, () => void | Promise<void>>>;

/** The ways in which the program ends. */
export type Way = keyof typeof ways;

const given: Readonly<Record<string, () => void | Promise<void>>> = ways;

await given[how]?.();
