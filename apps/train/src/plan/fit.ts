import { type DoesNotFit, fittingPlan, type Plan, type Saving, showBytes } from '@torsor/planning';
import { type Mesh, parseMesh, showMesh } from '@torsor/sharding';
import * as E from 'fp-ts/lib/Either.js';
import type { TrainConfig } from '../config/schema.js';
import type { PlanError } from './planned.js';

/** What is searched with: bytes of a device, devices where they are known, and the plan of a configuration. */
export type ConfigSearch = {
  readonly memory: number;
  readonly devices: number | null;
  readonly planOf: (config: TrainConfig) => E.Either<PlanError, Plan>;
};

/** A configuration with a saving. */
const saved = (config: TrainConfig, saving: Saving): TrainConfig => ({
  ...config,
  mesh: saving.mesh === undefined ? config.mesh : showMesh(saving.mesh),
  batchSize: saving.batchSize ?? config.batchSize,
  gradientAccumulation: saving.gradientAccumulation ?? config.gradientAccumulation,
  emaDecay: saving.averages === false ? null : config.emaDecay,
  model: saving.keepsLayers === false ? { ...config.model, remat: 'carry' } : config.model,
});

/** The flags that make a saving. */
const flagsOf = ({ mesh, batchSize, gradientAccumulation, keepsLayers, averages }: Saving): string =>
  [
    ...(averages === false ? ['--set emaDecay=null'] : []),
    ...(keepsLayers === false ? ['--set model.remat=carry'] : []),
    ...(mesh === undefined ? [] : [`--mesh ${showMesh(mesh)}`]),
    ...(gradientAccumulation === undefined ? [] : [`--set gradientAccumulation=${gradientAccumulation}`]),
    ...(batchSize === undefined ? [] : [`--batch-size ${batchSize}`]),
  ].join(' ');

const oneDevice: Mesh = { axes: [] };

/**
 * The plan of a configuration where it fits in the memory of a device.
 *
 * @errors those of `planOf`; `DoesNotFit`.
 */
export const fittingConfig = (
  config: TrainConfig,
  { memory, devices, planOf }: ConfigSearch,
): E.Either<PlanError | DoesNotFit, Plan> => {
  const mesh = E.getOrElse(() => oneDevice)(config.mesh === null ? E.right(oneDevice) : parseMesh(config.mesh));
  const { batchSize, gradientAccumulation } = config;
  const [keepsLayers, averages] = [config.model.remat !== 'carry', config.emaDecay !== null];
  return fittingPlan(
    { mesh, batchSize, gradientAccumulation, keepsLayers, averages },
    { memory, devices, planOf: (saving) => planOf(saved(config, saving)) },
  );
};

/** One sentence: what is needed, what is there, and the flags that help. */
export const showDoesNotFit = ({ needed, memory, remedy }: DoesNotFit): string =>
  [
    `an update needs ${showBytes(needed)} on each device, which has ${showBytes(memory)} (a tenth is left free)`,
    remedy === null
      ? 'neither more devices, smaller parts of the batch nor training without averages make it fit: a smaller model does'
      : `with ${flagsOf(remedy.saving)} it needs ${showBytes(remedy.needed)}`,
  ].join('; ');
