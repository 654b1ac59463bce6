import { deviceCount, extentOver, type Mesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import type { Plan } from './plan.js';

/** What of a training can change so that it needs less of each device. */
export type Savable = {
  /** No axes: one device. */
  readonly mesh: Mesh;
  readonly batchSize: number;
  /** Equal parts a batch is computed in. */
  readonly gradientAccumulation: number;
  /** Whether each layer keeps more than what it was given, for its derivative. */
  readonly keepsLayers: boolean;
  /** Whether averages of the parameters are kept. */
  readonly averages: boolean;
};

/** Some of it, changed. */
export type Saving = Partial<Savable>;

/** A plan that needs more than a device has, and the first saving found that would make it fit. */
export type DoesNotFit = {
  readonly _tag: 'DoesNotFit';
  readonly needed: number;
  readonly memory: number;
  /** `null` when nothing that was tried fits. */
  readonly remedy: { readonly saving: Saving; readonly needed: number } | null;
};

/** What is searched with. */
export type FitSearch<Err> = {
  /** Bytes that a device has. */
  readonly memory: number;
  /** Devices that there are; as many as needed, up to 64, where that is not known. */
  readonly devices: number | null;
  /** The plan with a saving; `{}` is as it is. */
  readonly planOf: (saving: Saving) => E.Either<Err, Plan>;
};

/** Of a device's memory; the rest is for code, buffers of collectives and what an allocator cannot use. */
const usable = 0.9;

/** Whether a plan fits in the memory of a device, a tenth of which is left free. */
const fits = (plan: Plan, memory: number): boolean => plan.peakBytesPerDevice <= usable * memory;

const doubled = (from: number, to: number): readonly number[] => {
  const all: number[] = [];
  for (let n = from * 2; n <= to; n *= 2) all.push(n);
  return all;
};

/** Data parallel devices made to share the state too, then more devices that do. */
const meshes = ({ mesh }: Savable, limit: number): readonly Saving[] => {
  const others = mesh.axes.filter(({ name }) => name === 'tensor');
  const now = extentOver(mesh, ['fsdp']);
  const together = extentOver(mesh, ['data', 'fsdp']);
  const most = Math.floor(limit / deviceCount({ axes: others }));
  return [...(together > now ? [together] : []), ...doubled(together, most)].map((size) => ({
    mesh: { axes: [{ name: 'fsdp', size }, ...others] },
  }));
};

const accumulations = ({ batchSize, gradientAccumulation }: Savable): readonly Saving[] =>
  doubled(gradientAccumulation, batchSize)
    .filter((count) => batchSize % count === 0)
    .map((count) => ({ gradientAccumulation: count }));

const smallerBatches = ({ batchSize, gradientAccumulation }: Savable): readonly Saving[] =>
  doubled(1, batchSize)
    .filter((factor) => batchSize % (factor * gradientAccumulation) === 0)
    .map((factor) => ({ batchSize: batchSize / factor }));

/** One saving at a time, first those that leave the run's numbers as they are; then the averages off with each of them. */
const savingsOf = (has: Savable, devices: number | null): readonly Saving[] => {
  const one = [
    ...(has.keepsLayers ? [{ keepsLayers: false }] : []),
    ...meshes(has, devices ?? 64),
    ...accumulations(has),
    ...smallerBatches(has),
  ];
  const without = has.averages ? [{ averages: false }, ...one.map((saving) => ({ averages: false, ...saving }))] : [];
  return [...one, ...without];
};

/**
 * The plan of a training where it fits in the memory of a device.
 *
 * @param has - what can be changed of it.
 * @param search - memory, devices, and the plan with a change.
 * @errors those of `planOf`; `DoesNotFit` with the first saving that fits, in this order: less kept of each layer, more devices that
 * share the state, smaller parts of the batch at a time, a smaller batch, no averages.
 * @law what it proposes fits.
 */
export const fittingPlan = <Err>(
  has: Savable,
  { memory, devices, planOf }: FitSearch<Err>,
): E.Either<Err | DoesNotFit, Plan> => {
  const plan = planOf({});
  if (E.isLeft(plan) || fits(plan.right, memory)) return plan;
  const needed = plan.right.peakBytesPerDevice;
  for (const saving of savingsOf(has, devices)) {
    const changed = planOf(saving);
    if (E.isRight(changed) && fits(changed.right, memory)) {
      const remedy = { saving, needed: changed.right.peakBytesPerDevice };
      return E.left({ _tag: 'DoesNotFit', needed, memory, remedy });
    }
  }
  return E.left({ _tag: 'DoesNotFit', needed, memory, remedy: null });
};
