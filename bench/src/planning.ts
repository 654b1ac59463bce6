import { openTfjs } from '@torsor/backend-tfjs';
import { batchTypes, computeLoss, paramTypes, pi0Config } from '@torsor/models';
import { adamw, applyUpdates } from '@torsor/optim';
import { mean, program, type TensorType, valueAndGrad } from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import type { Bench } from './bench.js';

const failed =
  (what: string) =>
  (error: unknown): never => {
    throw new Error(`${what}: ${JSON.stringify(error)}`);
  };

const stepProgram = () => {
  const params = paramTypes(pi0Config);
  const inputs: { readonly params: Tree<TensorType>; readonly batch: ReturnType<typeof batchTypes> } = {
    params,
    batch: batchTypes(pi0Config, 1),
  };
  const optimizer = adamw({ learningRate: 1e-4, b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 0, clipGradientNorm: 1 });
  return E.getOrElseW(failed('program'))(
    program(inputs, ({ params: at, batch }) => {
      const { value, grads } = valueAndGrad((p: typeof at) => mean(computeLoss(pi0Config, p, batch)))(at);
      const { updates } = optimizer.update(grads, optimizer.init(at), at);
      return { loss: value, params: applyUpdates(at, updates) };
    }),
  );
};

/** Building and planning a training step of the largest preset, π0 with 3.3 billion parameters. */
export const planning: Bench = {
  name: 'planning',
  reference: 'the bound of one second',
  bound: { atMost: 1 },
  run: async () => {
    const backend = E.getOrElseW(failed('backend'))(
      await openTfjs('wasm', { env: process.env, project: process.cwd() })(),
    );
    const began = performance.now();
    const built = stepProgram();
    const builtAt = performance.now();
    E.getOrElseW(failed('compile'))(await backend.compile(built)());
    const done = performance.now();
    const [buildMs, planMs] = [builtAt - began, done - builtAt];
    return {
      ours: (done - began) / 1000,
      reference: 1,
      unit: 's',
      detail: `built in ${buildMs.toFixed(0)} ms, planned in ${planMs.toFixed(0)} ms`,
    };
  },
};
