import { type Backend, type BackendError, type Buffer, showBackendError } from '@torsor/backend';
import { type Program, type TensorType, TensorValue, tensorType } from '@torsor/tensor';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { tfjsCore } from '../src/native/core.js';
import type { TfjsKind } from '../src/native/loaded.js';
import { openTfjs } from '../src/open.js';
import { parameterTypes, trainStep } from './model.js';
import { rawStep } from './raw.js';
import { adam, drawn, policySizes, type Sizes } from './sizes.js';

const initScale = 0.1;
const warmUp = 2;

/** One comparison: medians of alternating steps, and how far the two losses are apart after the same steps. */
export type AdapterResult = {
  readonly backend: string;
  readonly adapterMs: number;
  readonly rawMs: number;
  readonly steps: number;
  /** Largest relative difference of the two losses over the run: the two compute the same. */
  readonly lossDifference: number;
  /** Building the program, compiling it. */
  readonly planMs: number;
};

const done = async <A>(task: TaskEither<BackendError, A>): Promise<A> => {
  const result = await task();
  if (result._tag === 'Left') throw new Error(showBackendError(result.left));
  return result.right;
};

type Named<A> = Readonly<Record<string, A>>;
type State = { readonly p: Named<Buffer>; readonly mu: Named<Buffer>; readonly nu: Named<Buffer> };

const putAll = async (backend: Backend, types: Named<TensorType>, scale: number): Promise<Named<Buffer>> => {
  const put: Record<string, Buffer> = {};
  for (const [seed, name] of Object.keys(types).sort().entries()) {
    const type = types[name];
    if (type === undefined) continue;
    const size = type.shape.reduce((a, b) => a * b, 1);
    put[name] = await done(backend.put(new TensorValue(type, drawn(size, seed, scale))));
  }
  return put;
};

const ourStep = async (
  backend: Backend,
  program: Program,
  sizes: Sizes,
  x: Float32Array,
  y: Float32Array,
): Promise<() => Promise<number>> => {
  const executable = await done(backend.compile(program));
  const types = parameterTypes(sizes);
  const batch = tensorType('f32', [sizes.b, sizes.l, sizes.ad]);
  const data = {
    x: await done(backend.put(new TensorValue(batch, x))),
    y: await done(backend.put(new TensorValue(batch, y))),
  };
  let state: State = {
    p: await putAll(backend, types, initScale),
    mu: await putAll(backend, types, 0),
    nu: await putAll(backend, types, 0),
  };
  let count = 0;
  const correction = (decay: number): Promise<Buffer> =>
    done(backend.put(new TensorValue(tensorType('f32'), Float32Array.of(1 / (1 - decay ** count)))));
  return async () => {
    count += 1;
    const inputs = { ...state, ...data, c1: await correction(adam.b1), c2: await correction(adam.b2) };
    // a `Program` of unknown trees takes and gives trees of buffers of unknown structure
    const results = (await done(
      backend.run(executable, inputs as never, { donate: ['p', 'mu', 'nu', 'c1', 'c2'] }),
    )) as never as State & { readonly loss: Buffer };
    const [loss = Number.NaN] = (await done(backend.get(results.loss))).data;
    await done(backend.release([results.loss]));
    state = { p: results.p, mu: results.mu, nu: results.nu };
    return loss;
  };
};

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;

const timed = async (times: number[], work: () => number | Promise<number>): Promise<number> => {
  const start = performance.now();
  const value = await work();
  times.push(performance.now() - start);
  return value;
};

/**
 * Our step against the same model written by hand in tfjs, on one backend, in one process, taking turns.
 *
 * @param kind - which backend.
 * @param steps - timed steps of each.
 */
export const benchAdapter = async (
  kind: TfjsKind,
  steps = 9,
  sizes: Sizes = policySizes,
): Promise<AdapterResult | { readonly unavailable: string }> => {
  const opened = await openTfjs(kind, { env: process.env, project: process.cwd() })();
  if (opened._tag === 'Left') return { unavailable: showBackendError(opened.left) };
  const backend = opened.right;
  const start = performance.now();
  const built = trainStep(sizes);
  if (built._tag === 'Left') throw new Error(built.left.reason);
  await done(backend.compile(built.right));
  const planMs = performance.now() - start;
  const size = sizes.b * sizes.l * sizes.ad;
  const [x, y] = [drawn(size, 100, 1), drawn(size, 101, 1)];
  const core = tfjsCore();
  await core.setBackend(kind === 'wasm' ? 'wasm' : 'tensorflow');
  const [ours, raw] = [await ourStep(backend, built.right, sizes, x, y), rawStep(core, sizes, initScale, x, y)];
  const [ourTimes, rawTimes]: [number[], number[]] = [[], []];
  let lossDifference = 0;
  for (let step = 0; step < steps + warmUp; step++) {
    const [a, b] = [await timed(ourTimes, ours), await timed(rawTimes, raw)];
    lossDifference = Math.max(lossDifference, Math.abs(a - b) / Math.abs(b));
  }
  return {
    backend: backend.capabilities.description,
    adapterMs: median(ourTimes.slice(warmUp)),
    rawMs: median(rawTimes.slice(warmUp)),
    steps,
    lossDifference,
    planMs,
  };
};
