import type { DeviceTensor, Kernels } from '../kernels.js';
import { given } from './builder.js';
import type { CallStep, LoopStep, Plan, PlanStep } from './plan.js';

/** A plan with its constants on a device, ready to run. */
export type Prepared<T> = {
  readonly plan: Plan;
  readonly constants: readonly T[];
  /** The bodies of its loops, by step. */
  readonly bodies: ReadonlyMap<PlanStep, Prepared<T>>;
};

/** Uploads the constants of a plan and of its loops. */
export const prepare = <T extends DeviceTensor>(kernels: Kernels<T>, plan: Plan): Prepared<T> => {
  const constants = plan.constants.map(({ dtype, shape, values }) => {
    const data =
      dtype === 'f32' ? Float32Array.from(values) : dtype === 'i32' ? Int32Array.from(values) : Uint8Array.from(values);
    return kernels.upload(dtype, shape, data);
  });
  const loops = plan.steps.filter((step): step is LoopStep => step._tag === 'Loop');
  return { plan, constants, bodies: new Map(loops.map((step) => [step, prepare(kernels, step.body)])) };
};

/**
 * Runs a plan.
 *
 * Temporaries are freed as soon as nothing reads them; when a kernel throws, all of them are, and donated inputs too.
 *
 * @param kernels - the device.
 * @param prepared - what to run.
 * @param inputs - one per input of the plan; they stay the caller's, except donated ones.
 * @param donated - for each input, whether the run frees it.
 * @returns one tensor per output; they are the caller's.
 */
export const execute = <T extends DeviceTensor>(
  kernels: Kernels<T>,
  prepared: Prepared<T>,
  inputs: readonly T[],
  donated: readonly boolean[],
): readonly T[] => {
  const run = new Run(kernels, prepared, inputs, donated);
  try {
    return run.toEnd();
  } catch (cause) {
    run.abandon();
    throw cause;
  }
};

class Run<T extends DeviceTensor> {
  readonly #kernels: Kernels<T>;
  readonly #prepared: Prepared<T>;
  readonly #slots: Array<T | undefined>;
  readonly #owned: Uint8Array;
  readonly #deaths: ReadonlyArray<readonly number[]>;

  constructor(kernels: Kernels<T>, prepared: Prepared<T>, inputs: readonly T[], donated: readonly boolean[]) {
    const { plan } = prepared;
    this.#kernels = kernels;
    this.#prepared = prepared;
    this.#slots = new Array<T | undefined>(plan.numSlots);
    this.#owned = new Uint8Array(plan.numSlots).fill(1);
    this.#owned.fill(0, 0, plan.numInputs + plan.constants.length);
    inputs.forEach((input, i) => {
      this.#slots[i] = input;
      if (donated[i]) this.#owned[i] = 1;
    });
    prepared.constants.forEach((constant, i) => {
      this.#slots[plan.numInputs + i] = constant;
    });
    this.#deaths = this.#inputDeaths(donated);
  }

  toEnd(): readonly T[] {
    const { plan } = this.#prepared;
    this.#drop(this.#deaths[plan.steps.length] ?? []);
    plan.steps.forEach((step, i) => {
      if (step._tag === 'Call') this.#call(step);
      else this.#loop(step);
      this.#drop(step.dead);
      const inputs = this.#deaths[i];
      if (inputs !== undefined) this.#drop(inputs);
    });
    return plan.outputs.map((slot) => given(this.#slots[slot]));
  }

  abandon(): void {
    this.#slots.forEach((tensor, slot) => {
      if (tensor !== undefined && this.#owned[slot] === 1) this.#kernels.free(tensor);
    });
    this.#slots.fill(undefined);
  }

  /** Donated inputs by the step after which they are freed; those that no step reads, last. */
  #inputDeaths(donated: readonly boolean[]): ReadonlyArray<readonly number[]> {
    const { plan } = this.#prepared;
    const deaths: number[][] = [];
    plan.inputDeaths.forEach((step, input) => {
      if (!donated[input]) return;
      const at = step < 0 ? plan.steps.length : step;
      deaths[at] = [...(deaths[at] ?? []), input];
    });
    return deaths;
  }

  #drop(slots: readonly number[]): void {
    for (const slot of slots) {
      const tensor = this.#slots[slot];
      this.#slots[slot] = undefined;
      if (tensor !== undefined) this.#kernels.free(tensor);
    }
  }

  #operands(slots: readonly number[]): readonly T[] {
    return slots.map((slot) => given(this.#slots[slot]));
  }

  #call({ call, operands, result }: CallStep): void {
    this.#slots[result] = call.run(this.#kernels, this.#operands(operands));
  }

  #loop(step: LoopStep): void {
    const body = given(this.#prepared.bodies.get(step));
    const results = runLoop(this.#kernels, step, body, this.#operands(step.operands));
    step.results.forEach((slot, i) => {
      this.#slots[slot] = results[i];
    });
  }
}

const runLoop = <T extends DeviceTensor>(
  kernels: Kernels<T>,
  { numConsts, numCarry, length, reverse, body: { outputs } }: LoopStep,
  body: Prepared<T>,
  operands: readonly T[],
): readonly T[] => {
  const consts = operands.slice(0, numConsts);
  const sequences = operands.slice(numConsts + numCarry);
  const donated = [...consts.map(() => false), ...operands.slice(numConsts).map(() => true)];
  let carry: readonly T[] = operands.slice(numConsts, numConsts + numCarry).map((x) => kernels.alias(x, x.shape));
  const stackers = outputs.slice(numCarry).map((_, i) => {
    const { dtype, shape } = given(body.plan.outputTypes[numCarry + i]);
    return kernels.stacker(dtype, [length, ...shape]);
  });
  for (let n = 0; n < length; n++) {
    const position = reverse ? length - 1 - n : n;
    const elements = sequences.map((sequence) => kernels.element(sequence, position));
    const results = execute(kernels, body, [...consts, ...carry, ...elements], donated);
    carry = results.slice(0, numCarry);
    results.slice(numCarry).forEach((result, i) => {
      stackers[i]?.put(position, result);
    });
  }
  return [...carry, ...stackers.map((stacker) => stacker.done())];
};
