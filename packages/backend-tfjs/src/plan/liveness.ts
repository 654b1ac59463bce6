import type { CallStep, LoopStep, Plan, PlanStep } from './plan.js';

/** A step before it is known which slots nothing reads after it. */
export type OpenStep = Omit<CallStep, 'dead'> | Omit<LoopStep, 'dead'>;

const resultsOf = (step: OpenStep): readonly number[] => (step._tag === 'Call' ? [step.result] : step.results);

const lastUses = (steps: readonly OpenStep[], numSlots: number): Int32Array => {
  const last = new Int32Array(numSlots).fill(-1);
  steps.forEach((step, i) => {
    // a result that nothing reads dies where it is made
    for (const slot of resultsOf(step)) last[slot] = i;
    for (const slot of step.operands) last[slot] = i;
  });
  return last;
};

const close = (step: OpenStep, dead: readonly number[]): PlanStep => {
  return { ...step, dead };
};

/** A plan before its slots are numbered for good. */
export type OpenPlan = Omit<Plan, 'steps' | 'inputDeaths'> & {
  /** Slots of inputs, then of constants. */
  readonly first: readonly number[];
  readonly steps: readonly OpenStep[];
};

const renumberStep = (step: OpenStep, renumber: (slot: number) => number): OpenStep => {
  return step._tag === 'Call'
    ? { ...step, operands: step.operands.map(renumber), result: renumber(step.result) }
    : { ...step, operands: step.operands.map(renumber), results: step.results.map(renumber) };
};

/** Numbers the slots (inputs, constants, results), and says after which step each may be freed. */
export const finishPlan = ({ first, steps, ...open }: OpenPlan): Plan => {
  const number = new Int32Array(open.numSlots).fill(-1);
  let next = 0;
  for (const slot of first) number[slot] = next++;
  for (let slot = 0; slot < open.numSlots; slot++) if (number[slot] === -1) number[slot] = next++;
  const renumber = (slot: number): number => number[slot] ?? 0;
  const renumbered = steps.map((step) => renumberStep(step, renumber));
  const last = lastUses(renumbered, open.numSlots);
  const outputs = open.outputs.map(renumber);
  const kept = new Set(outputs);
  const dead = renumbered.map((): number[] => []);
  for (let slot = first.length; slot < open.numSlots; slot++) {
    if (!kept.has(slot)) dead[last[slot] ?? 0]?.push(slot);
  }
  return {
    ...open,
    outputs,
    steps: renumbered.map((step, i) => close(step, dead[i] ?? [])),
    inputDeaths: [...last.subarray(0, open.numInputs)],
  };
};
