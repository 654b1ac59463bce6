import { type DoesNotFit, fittingPlan, type Plan, type Saving } from '@torsor/planning';
import { type Mesh, parseMesh, showMesh } from '@torsor/sharding';
import { sizeOf, type TensorType } from '@torsor/tensor';
import { leaves, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { policyModel } from '../policy-run.js';
import { type PlanError, type PlanPlace, type PlanSettings, plannedUpdate } from './planned.js';

/** What a run has. */
export type RunPlace = PlanPlace & {
  /** Bytes that a device has. */
  readonly memory: number;
  /** Devices that there are; `null` where that is not known. */
  readonly devices: number | null;
};

/** Settings with a saving. */
const saved = (settings: PlanSettings, saving: Saving): PlanSettings => ({
  ...settings,
  mesh: saving.mesh === undefined ? settings.mesh : showMesh(saving.mesh),
  batchSize: saving.batchSize ?? settings.batchSize,
  gradientAccumulation: saving.gradientAccumulation ?? settings.gradientAccumulation,
  emaDecay: saving.averages === false ? null : settings.emaDecay,
  model: saving.keepsLayers === false ? { ...settings.model, remat: 'carry' } : settings.model,
});

const oneDevice: Mesh = { axes: [] };

/**
 * The plan of an update where it fits in the memory of a device.
 *
 * @param settings - what is trained, and how.
 * @param place - what a device has, how many there are, and what the settings leave open.
 * @errors those of `plannedUpdate`; `DoesNotFit` with the saving that makes it fit.
 */
export const fittingUpdate = (
  settings: PlanSettings,
  { memory, devices, ...place }: RunPlace,
): E.Either<PlanError | DoesNotFit, Plan> => {
  const { batchSize, gradientAccumulation } = settings;
  const mesh = E.getOrElse(() => oneDevice)(settings.mesh === null ? E.right(oneDevice) : parseMesh(settings.mesh));
  const [keepsLayers, averages] = [settings.model.remat !== 'carry', settings.emaDecay !== null];
  return fittingPlan(
    { mesh, batchSize, gradientAccumulation, keepsLayers, averages },
    { memory, devices, planOf: (saving) => plannedUpdate(saved(settings, saving), place) },
  );
};

/** Of a device's memory: a state that takes less is not planned, for a plan takes a third of a second. */
const worthPlanning = 0.1;

/** Parameters, two moments and averages in f32, on one device. */
const stateBytes = (types: Tree<TensorType>): number =>
  16 * leaves<TensorType>(types).reduce((n, { shape }) => n + sizeOf(shape), 0);

/**
 * Refuses updates that cannot fit in the memory of a device. A state of less than a tenth of it is taken to fit.
 *
 * @param settings - what is trained, and how.
 * @param place - what a device has, how many there are, and what the settings leave open.
 * @errors those of `fittingUpdate`.
 */
export const admitUpdate = (settings: PlanSettings, place: RunPlace): E.Either<PlanError | DoesNotFit, unknown> =>
  pipe(
    policyModel(settings, place.vocabulary),
    E.mapLeft((error): PlanError | DoesNotFit => ({ _tag: 'Training', error })),
    E.flatMap(
      ({ paramTypes }): E.Either<PlanError | DoesNotFit, unknown> =>
        stateBytes(paramTypes) <= worthPlanning * place.memory ? E.right(undefined) : fittingUpdate(settings, place),
    ),
  );
