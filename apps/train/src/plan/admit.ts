import type { DoesNotFit } from '@torsor/planning';
import { sizeOf, type TensorType } from '@torsor/tensor';
import { policyModel, type TrainingError } from '@torsor/training';
import { leaves, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TrainConfig } from '../config/schema.js';
import { fittingConfig } from './fit.js';
import { type PlanError, plannedUpdate } from './planned.js';

/** What a run has. */
export type Place = {
  /** Bytes that a device has. */
  readonly memory: number;
  /** Devices that there are; `null` where that is not known. */
  readonly devices: number | null;
  /** Rows of the embedding table where the configuration leaves them to the tokenizer. */
  readonly vocabulary: number;
};

/** Of a device's memory: a state that takes less is not planned, for a plan takes a third of a second. */
const worthPlanning = 0.1;

/** Parameters, two moments and averages in f32, on one device. */
const stateBytes = (types: Tree<TensorType>): number =>
  16 * leaves<TensorType>(types).reduce((n, { shape }) => n + sizeOf(shape), 0);

/**
 * Refuses updates that cannot fit in the memory of a device. A state of less than a tenth of it is taken to fit.
 *
 * @errors those of `fittingConfig`.
 */
export const admitPlan = (
  config: TrainConfig,
  { memory, devices, vocabulary }: Place,
): E.Either<PlanError | DoesNotFit, unknown> =>
  pipe(
    policyModel(config, vocabulary),
    E.mapLeft((error: TrainingError): PlanError | DoesNotFit => ({ _tag: 'Training', error })),
    E.flatMap(
      ({ paramTypes }): E.Either<PlanError | DoesNotFit, unknown> =>
        stateBytes(paramTypes) <= worthPlanning * memory
          ? E.right(undefined)
          : fittingConfig(config, {
              memory,
              devices,
              planOf: (changed) => plannedUpdate(changed, { vocabulary, compute: null }),
            }),
    ),
  );
