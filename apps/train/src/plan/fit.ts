import type { Plan } from '@torsor/planning';
import { deviceCount, extentOver, type Mesh, parseMesh, showMesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import type { TrainConfig } from '../config/schema.js';
import { showBytes } from './bytes.js';
import type { PlanError } from './planned.js';

/** A plan that needs more than a device has, and the first flags found that would make it fit. */
export type DoesNotFit = {
  readonly _tag: 'DoesNotFit';
  readonly needed: number;
  readonly memory: number;
  /** `null` when nothing that was tried fits. */
  readonly remedy: { readonly flags: string; readonly needed: number } | null;
};

/** What is searched with. */
export type FitSearch = {
  /** Bytes that a device has. */
  readonly memory: number;
  /** Devices that there are; as many as needed, up to 64, where that is not known. */
  readonly devices: number | null;
  readonly planOf: (config: TrainConfig) => E.Either<PlanError, Plan>;
};

/** Of a device's memory; the rest is for code, buffers of collectives and what an allocator cannot use. */
const usable = 0.9;

/** Whether a plan fits in the memory of a device, a tenth of which is left free. */
const fits = (plan: Plan, memory: number): boolean => plan.peakBytesPerDevice <= usable * memory;

/** A change of a configuration and the flags that make it. */
type Change = { readonly flags: readonly string[]; readonly config: TrainConfig };

const doubled = (from: number, to: number): readonly number[] => {
  const all: number[] = [];
  for (let n = from * 2; n <= to; n *= 2) all.push(n);
  return all;
};

const withMesh = (config: TrainConfig, mesh: Mesh): Change => ({
  flags: [`--mesh ${showMesh(mesh)}`],
  config: { ...config, mesh: showMesh(mesh) },
});

/** Data parallel devices made to share the state too, then more devices that do. */
const meshes = (config: TrainConfig, limit: number): readonly Change[] => {
  const parsed = config.mesh === null ? E.right<unknown, Mesh>({ axes: [] }) : parseMesh(config.mesh);
  if (E.isLeft(parsed)) return [];
  const mesh = parsed.right;
  const others = mesh.axes.filter(({ name }) => name === 'tensor');
  const sharing = (fsdp: number): Mesh => ({ axes: [{ name: 'fsdp', size: fsdp }, ...others] });
  const now = extentOver(mesh, ['fsdp']);
  const together = extentOver(mesh, ['data', 'fsdp']);
  const most = Math.floor(limit / deviceCount({ axes: others }));
  return [...(together > now ? [together] : []), ...doubled(together, most)].map((fsdp) =>
    withMesh(config, sharing(fsdp)),
  );
};

const set = <K extends 'gradientAccumulation' | 'batchSize' | 'emaDecay'>(
  config: TrainConfig,
  key: K,
  value: TrainConfig[K],
): Change => ({ flags: [`--set ${key}=${String(value)}`], config: { ...config, [key]: value } });

/** Keeping less of each layer costs time and no number of the run. */
const lessKept = (config: TrainConfig): readonly Change[] =>
  config.model.remat === 'carry'
    ? []
    : [{ flags: ['--set model.remat=carry'], config: { ...config, model: { ...config.model, remat: 'carry' } } }];

const accumulations = (config: TrainConfig): readonly Change[] =>
  doubled(config.gradientAccumulation, config.batchSize)
    .filter((count) => config.batchSize % count === 0)
    .map((count) => set(config, 'gradientAccumulation', count));

const smallerBatches = (config: TrainConfig): readonly Change[] =>
  doubled(1, config.batchSize)
    .filter((factor) => config.batchSize % (factor * config.gradientAccumulation) === 0)
    .map((factor) => set(config, 'batchSize', config.batchSize / factor));

const withoutAverages = (config: TrainConfig): readonly Change[] =>
  config.emaDecay === null ? [] : [set(config, 'emaDecay', null)];

const then = (changes: readonly Change[], more: (config: TrainConfig) => readonly Change[]): readonly Change[] =>
  changes.flatMap((change) =>
    more(change.config).map(({ flags, config }) => ({ flags: [...change.flags, ...flags], config })),
  );

/** One change at a time, first those that leave the run's numbers as they are; then the averages off with each of them. */
const changesOf = (config: TrainConfig, devices: number | null): readonly Change[] => {
  const one = (from: TrainConfig): readonly Change[] => [
    ...lessKept(from),
    ...meshes(from, devices ?? 64),
    ...accumulations(from),
    ...smallerBatches(from),
  ];
  const averages = withoutAverages(config);
  return [...one(config), ...averages, ...then(averages, one)];
};

const remedyOf = (config: TrainConfig, { memory, devices, planOf }: FitSearch): DoesNotFit['remedy'] => {
  for (const { flags, config: changed } of changesOf(config, devices)) {
    const plan = planOf(changed);
    if (E.isRight(plan) && fits(plan.right, memory)) {
      return { flags: flags.join(' '), needed: plan.right.peakBytesPerDevice };
    }
  }
  return null;
};

/**
 * The plan of a configuration where it fits in the memory of a device.
 *
 * @errors those of `planOf`; `DoesNotFit` with the flags that would make it fit: less kept of each layer, more devices that share the state, smaller
 * parts of the batch at a time, a smaller batch, no averages; the first that fits, in this order.
 */
export const fittingPlan = (config: TrainConfig, search: FitSearch): E.Either<PlanError | DoesNotFit, Plan> => {
  const plan = search.planOf(config);
  if (E.isLeft(plan) || fits(plan.right, search.memory)) return plan;
  const needed = plan.right.peakBytesPerDevice;
  return E.left({ _tag: 'DoesNotFit', needed, memory: search.memory, remedy: remedyOf(config, search) });
};

/** One sentence: what is needed, what is there, and the flags that help. */
export const showDoesNotFit = ({ needed, memory, remedy }: DoesNotFit): string =>
  [
    `an update needs ${showBytes(needed)} on each device, which has ${showBytes(memory)} (a tenth is left free)`,
    remedy === null
      ? 'neither more devices, smaller parts of the batch nor training without averages make it fit: a smaller model does'
      : `with ${remedy.flags} it needs ${showBytes(remedy.needed)}`,
  ].join('; ');
