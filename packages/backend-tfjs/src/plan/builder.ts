import { type Shape, sameShape, type TensorType } from '@torsor/tensor';
import { type DeviceDType, deviceDType } from '../kernels.js';
import { finishPlan, type OpenStep } from './liveness.js';
import type { KernelCall, Plan, PlanConstant } from './plan.js';
import { isFull, type Stored, type Value } from './value.js';

/** A loop before its operands are known to be dead or alive. */
export type LoopBody = {
  readonly body: Plan;
  readonly numConsts: number;
  readonly numCarry: number;
  readonly length: number;
  readonly reverse: boolean;
};

/** Which loops are written out: those whose steps keep at most so many bytes of intermediate results, and are so few. */
export type UnrollLimits = {
  readonly bytes: number;
  readonly nodes: number;
};

/** The limits of a backend that was not told others. */
export const unrollLimits: UnrollLimits = { bytes: 2 ** 28, nodes: 2 ** 14 };

/** Appends steps to a plan under construction; slots are numbered as they are made. */
export class PlanBuilder {
  readonly limits: UnrollLimits;
  readonly #inputs: Stored[] = [];
  readonly #constants: Array<{ readonly slot: number; readonly constant: PlanConstant }> = [];
  readonly #steps: OpenStep[] = [];
  readonly #scalars = new Map<string, Stored>();
  readonly #calls = new Map<string, number>();
  #numSlots = 0;

  constructor(limits: UnrollLimits) {
    this.limits = limits;
  }

  /** The next input of the plan. */
  input(type: TensorType): Stored {
    const value = this.#newValue(type, type.shape);
    this.#inputs.push(value);
    return value;
  }

  /** A constant; one that repeats a single number is held once, in extents of 1. */
  constant(type: TensorType, dtype: DeviceDType, values: readonly number[]): Stored {
    const held = values.length === 1 ? type.shape.map(() => 1) : type.shape;
    const [only = 0] = values;
    const key = values.length === 1 ? `${dtype} ${held.length} ${Object.is(only, -0) ? '-0' : only}` : undefined;
    const known = key === undefined ? undefined : this.#scalars.get(key);
    if (known !== undefined) return { ...known, type };
    const value = this.#newValue(type, held);
    this.#constants.push({ slot: value.slot, constant: { dtype, shape: held, values } });
    if (key !== undefined) this.#scalars.set(key, value);
    return value;
  }

  /** A kernel call; `held` are the extents of its result. A call that was made before is not made again. */
  call(call: KernelCall, operands: readonly Stored[], type: TensorType, held: Shape = type.shape): Stored {
    const slots = operands.map(({ slot }) => slot);
    const key = `${call.key}|${slots.join(' ')}|${held.join(' ')}`;
    const known = this.#calls.get(key);
    if (known !== undefined) return { _tag: 'Stored', type, slot: known, held };
    const result = this.#newValue(type, held);
    this.#steps.push({ _tag: 'Call', call, operands: slots, result: result.slot });
    this.#calls.set(key, result.slot);
    return result;
  }

  /** A loop over full operands. */
  loop(loop: LoopBody, operands: readonly Stored[], types: readonly TensorType[]): readonly Stored[] {
    const results = types.map((type) => this.#newValue(type, type.shape));
    const slots = operands.map(({ slot }) => slot);
    this.#steps.push({ _tag: 'Loop', ...loop, operands: slots, results: results.map(({ slot }) => slot) });
    return results;
  }

  /** The axes of a stored value in another order, in memory. */
  transposed(source: Stored, permutation: readonly number[], type: TensorType): Stored {
    const held = permutation.map((axis) => source.held[axis] ?? 1);
    const call: KernelCall = {
      key: `transpose ${permutation.join(' ')}`,
      run: (kernels, [x]) => kernels.transpose(given(x), permutation),
    };
    return this.call(call, [source], type, held);
  }

  /** The value in a slot, its axes in their own order. */
  stored(value: Value): Stored {
    if (value._tag === 'Stored') return value;
    if (value._tag === 'Transposed') return this.transposed(value.source, value.permutation, value.type);
    const parts = value.parts.map((part) => this.full(part));
    return this.call({ key: 'stack', run: (kernels, elements) => kernels.stack(elements) }, parts, value.type);
  }

  /** An element of a value along its first axis. */
  element(value: Value, position: number, type: TensorType): Value {
    if (value._tag === 'Stacked') return given(value.parts[position]);
    const stored = this.stored(value);
    if (stored.held[0] === 1) return this.alias(stored, type, stored.held.slice(1));
    const call: KernelCall = {
      key: `element ${position}`,
      run: (kernels, [x]) => kernels.element(given(x), position),
    };
    return this.call(call, [stored], type, stored.held.slice(1));
  }

  /** The value in a slot with every element present. */
  full(value: Value): Stored {
    const stored = this.stored(value);
    if (isFull(stored)) return stored;
    const { shape } = value.type;
    const call: KernelCall = { key: 'broadcast', run: (kernels, [x]) => kernels.broadcast(given(x), shape) };
    return this.call(call, [stored], value.type);
  }

  /** The same elements under another shape. */
  alias(value: Stored, type: TensorType, held: Shape = type.shape): Stored {
    if (sameShape(value.held, held)) return { ...value, type, held };
    return this.call({ key: 'alias', run: (kernels, [x]) => kernels.alias(given(x), held) }, [value], type, held);
  }

  /** Closes the plan; every output becomes full and its own. */
  finish(outputs: readonly Value[]): Plan {
    const results = outputs.map((output) => this.full(output));
    const taken = new Set<number>([...this.#inputs, ...this.#constants].map(({ slot }) => slot));
    const owned = results.map((result) => {
      if (!taken.has(result.slot)) {
        taken.add(result.slot);
        return result.slot;
      }
      const { shape } = result.type;
      const key = `output ${this.#numSlots}`;
      return this.call({ key, run: (kernels, [x]) => kernels.alias(given(x), shape) }, [result], result.type).slot;
    });
    return finishPlan({
      first: [...this.#inputs, ...this.#constants].map(({ slot }) => slot),
      numInputs: this.#inputs.length,
      constants: this.#constants.map(({ constant }) => constant),
      numSlots: this.#numSlots,
      steps: this.#steps,
      outputs: owned,
      outputTypes: results.map(({ type }) => ({ dtype: deviceDType(type), shape: type.shape })),
    });
  }

  #newValue(type: TensorType, held: Shape): Stored {
    return { _tag: 'Stored', type, slot: this.#numSlots++, held };
  }
}

/**
 * An operand that the plan has put there.
 *
 * @param operand - what a call was given.
 */
export const given = <T>(operand: T | undefined): T => {
  if (operand === undefined) throw new RangeError('a step was given fewer operands than it was planned with');
  return operand;
};
