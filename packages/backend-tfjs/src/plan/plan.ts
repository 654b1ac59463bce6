import type { Shape } from '@torsor/tensor';
import type { DeviceDType, DeviceTensor, Kernels } from '../kernels.js';

/** One kernel call, on any device. */
export type KernelCall = {
  /** Calls of one key give the same result for the same operands, so that a plan makes each once. */
  readonly key: string;
  readonly run: <T extends DeviceTensor>(kernels: Kernels<T>, operands: readonly T[]) => T;
};

/** What a slot holds. */
export type PlanType = {
  readonly dtype: DeviceDType;
  readonly shape: Shape;
};

/** A tensor known when the program is built; uploaded once per executable. */
export type PlanConstant = PlanType & {
  readonly values: readonly number[];
};

/** A kernel call between slots. */
export type CallStep = {
  readonly _tag: 'Call';
  readonly call: KernelCall;
  readonly operands: readonly number[];
  readonly result: number;
  /** Slots that nothing reads afterwards. */
  readonly dead: readonly number[];
};

/** A loop: its body is a plan whose inputs are constants, carry and one element per sequence. */
export type LoopStep = {
  readonly _tag: 'Loop';
  readonly body: Plan;
  readonly numConsts: number;
  readonly numCarry: number;
  readonly length: number;
  readonly reverse: boolean;
  readonly operands: readonly number[];
  readonly results: readonly number[];
  readonly dead: readonly number[];
};

/** A step of a plan. */
export type PlanStep = CallStep | LoopStep;

/**
 * A flat program: steps over numbered slots. The first slots hold the inputs, the next ones the constants.
 *
 * Every output slot is the result of a step and appears once, so what a run returns belongs to its caller.
 */
export type Plan = {
  readonly numInputs: number;
  readonly constants: readonly PlanConstant[];
  readonly numSlots: number;
  readonly steps: readonly PlanStep[];
  readonly outputs: readonly number[];
  readonly outputTypes: readonly PlanType[];
  /** For each input that may be freed early: the step after which nothing reads it; −1 when no step does. */
  readonly inputDeaths: readonly number[];
};
