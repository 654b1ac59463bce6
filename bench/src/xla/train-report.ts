import type { Backend, Buffer } from '@torsor/backend';
import { paramTypes } from '@torsor/models';
import { key } from '@torsor/random';
import { sizeOf } from '@torsor/tensor';
import { leaves } from '@torsor/tree';
import { built, done, openBackend, putTree } from './device.js';
import { peakMemory, sinceProcessStart } from './procfs.js';
import { idleProgram, type State, sampleProgram, stepProgram } from './programs.js';
import { type Sizes, sizesOf } from './sizes.js';
import { firstOf, firstState, type Run, stepOf } from './stepping.js';
import type { TrainTask } from './task.js';
import { stopwatch, type Times, timesOf } from './timing.js';
import { noiseOf, observationOf } from './values.js';

const sampling = async (
  backend: Backend,
  sizes: Sizes,
  params: State<Buffer>['params'],
  samples: number,
): Promise<Times | null> => {
  if (samples === 0) return null;
  const executable = await done(backend.compile(built(sampleProgram(sizes))));
  const values = { observation: observationOf(sizes.policy, 1), noise: noiseOf(sizes, 1, key(3)) };
  const sample = async (): Promise<void> => {
    const { observation, noise } = await putTree(backend, values);
    const { actions } = await done(backend.run(executable, { params, observation, noise }));
    await done(backend.get(actions));
    await done(backend.release([actions, noise, ...leaves<Buffer>(observation)]));
  };
  await sample();
  return timesOf(samples, sample);
};

const idling = async (backend: Backend, sizes: Sizes, run: Run, steps: number): Promise<Times | null> => {
  if (steps === 0) return null;
  const idle = stepOf(backend, sizes, await done(backend.compile(built(idleProgram(sizes, firstOf(sizes).types)))));
  await idle(run);
  return timesOf(steps, () => idle(run));
};

const parametersOf = ({ policy }: Sizes): number =>
  leaves(paramTypes(policy)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** What training and sampling took; the names are those of the peer's report. */
export const trainReport = async (
  { config, backend: kind, compileCache, steps, samples }: TrainTask,
  importsMs: number,
): Promise<object> => {
  const passed = stopwatch();
  const sizes = sizesOf(config);
  const backend = await done(openBackend(kind, compileCache));
  const openMs = passed();
  const { first, types } = firstOf(sizes);
  const program = built(stepProgram(sizes, types));
  const buildMs = passed();
  const executable = await done(backend.compile(program));
  const compileMs = passed();
  const run: Run = { state: await firstState(backend, sizes, first), loss: Number.NaN, step: 0 };
  const stateMs = passed();
  const step = stepOf(backend, sizes, executable);
  await step(run);
  const firstStepMs = passed();
  const firstStep = sinceProcessStart() / 1000;
  const { user, system } = process.cpuUsage();
  const losses = [run.loss];
  while (steps > 0 && losses.length < 3) {
    await step(run);
    losses.push(run.loss);
  }
  const stepTimes = await timesOf(steps, () => step(run));
  const memoryAfterTraining = peakMemory();
  const sampleTimes = await sampling(backend, sizes, run.state.params, samples);
  const memory = peakMemory();
  return {
    config,
    backend: backend.capabilities.description,
    params: parametersOf(sizes),
    phases_ms: {
      imports: importsMs,
      open: openMs,
      build: buildMs,
      compile: compileMs,
      state: stateMs,
      firstStep: firstStepMs,
    },
    first_step_from_process_start_s: firstStep,
    first_step_cpu_s: (user + system) / 1e6,
    step_s: stepTimes,
    losses,
    last_loss: run.loss,
    peak_rss_after_training_mb: memoryAfterTraining,
    sample_b1_s: sampleTimes,
    peak_rss_mb: memory,
    idle_step_s: await idling(backend, sizes, run, steps),
  };
};
