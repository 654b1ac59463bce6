import { built, done, openBackend } from './device.js';
import { firstProgram, stepProgram } from './programs.js';
import { deepSizes } from './sizes.js';
import type { DepthsTask } from './task.js';

/** Building and compiling a step of each depth, seconds; the first compilation of a process is not one of them. */
export const depthReport = async ({
  depths,
}: DepthsTask): Promise<{ readonly build_s: readonly number[]; readonly compile_s: readonly number[] }> => {
  const backend = await done(openBackend('xla', null));
  const seconds = async (depth: number): Promise<readonly [number, number]> => {
    const began = performance.now();
    const sizes = deepSizes(depth);
    const program = built(stepProgram(sizes, built(firstProgram(sizes)).signature.outputs.optimizer));
    const builtAt = performance.now();
    await done(backend.compile(program));
    return [(builtAt - began) / 1000, (performance.now() - builtAt) / 1000];
  };
  await seconds(2);
  const times: (readonly [number, number])[] = [];
  for (const depth of depths) times.push(await seconds(depth));
  return { build_s: times.map(([build]) => build), compile_s: times.map(([, compile]) => compile) };
};
