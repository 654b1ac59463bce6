import type { Backend, Buffer, Executable } from '@torsor/backend';
import { initParams } from '@torsor/models';
import { key } from '@torsor/random';
import { type Program, toFloat64 } from '@torsor/tensor';
import type { FirstProgram } from '@torsor/training';
import { leaves } from '@torsor/tree';
import { built, done, putTree } from './device.js';
import { firstProgram, type State, type StepProgram } from './programs.js';
import type { Sizes } from './sizes.js';
import { batches } from './values.js';

type ExecutableOf<P> = P extends Program<infer I, infer O> ? Executable<I, O> : never;

/** The optimizer's first state as a program, and the types of that state. */
export const firstOf = (
  sizes: Sizes,
): { readonly first: FirstProgram; readonly types: FirstProgram['signature']['outputs']['optimizer'] } => {
  const first = built(firstProgram(sizes));
  return { first, types: first.signature.outputs.optimizer };
};

/** Fresh parameters, the optimizer's first state, and averages that begin as the parameters. */
export const firstState = async (backend: Backend, sizes: Sizes, first: FirstProgram): Promise<State<Buffer>> => {
  const values = initParams(sizes.policy, key(0));
  const params = await putTree(backend, values);
  const ema = await putTree(backend, values);
  const { optimizer } = await done(backend.run(await done(backend.compile(first)), {}));
  return { params, ema, optimizer };
};

/** A run of steps: what they replace, and the loss of the last. */
export type Run = {
  state: State<Buffer>;
  loss: number;
  step: number;
};

/** Makes one step of a run as the trainer does: draws, copies, runs, and reads every metric. */
export const stepOf = (
  backend: Backend,
  sizes: Sizes,
  executable: ExecutableOf<StepProgram>,
): ((run: Run) => Promise<void>) => {
  const batchAt = batches(sizes);
  return async (run) => {
    const batch = await putTree(backend, batchAt(run.step));
    const inputs = { state: run.state, batch };
    const { state, metrics } = await done(backend.run(executable, inputs, { donate: ['state', 'batch'] }));
    const read: Record<string, number> = {};
    for (const [name, buffer] of Object.entries(metrics)) {
      read[name] = toFloat64(await done(backend.get(buffer)))[0] ?? Number.NaN;
    }
    await done(backend.release(leaves<Buffer>(metrics)));
    run.state = state;
    run.loss = read['loss'] ?? Number.NaN;
    run.step += 1;
  };
};
