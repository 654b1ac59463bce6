import type { BackendError, Buffer } from '@torsor/backend';
import { type CheckpointError, type OpenCheckpoint, treeFromNames, withCheckpoint } from '@torsor/checkpoint';
import type { NormStats } from '@torsor/data';
import { flatten, isNode, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as z from 'zod';
import type { Effect } from '../device/compile.js';
import type { Placement } from '../device/placement.js';
import { allOrNone, type PutOnDevice } from '../device/transfer.js';
import { backendError, checkpointError, type PolicyError } from '../error.js';
import { modelSchema } from '../families/families.js';
import { freezeSettings } from '../families/freeze.js';
import type { ActionCodec } from '../inputs/action-codec.js';
import { savedCodec, savedStats } from './identity.js';
import { checkpointFiles, type Put, putTensors } from './tensors.js';

const mask = z.array(z.boolean()).nullable();

/** What acting needs of the configuration that a checkpoint keeps; the rest is training's. */
const settingsSchema = z.object({
  model: modelSchema,
  data: z.object({
    normMode: z.enum(['mean_std', 'quantile']),
    deltaActionMask: mask,
    // Checkpoints of before were trained in the joints of their datasets.
    adaptToPi: z.boolean().default(false),
    cameras: z.record(z.string(), z.string().nullable()),
    tokenizer: z.string().nullable(),
    maxTruncatedShare: z.number(),
  }),
  numSamplingSteps: z.int().min(1),
  ...freezeSettings.shape,
});

/** What acting needs of a run's settings. */
export type ActingSettings = z.output<typeof settingsSchema>;

/** A checkpoint whose manifest has been read. */
export type ManifestOf = Pick<OpenCheckpoint, 'path' | 'manifest'>;

/**
 * What a checkpoint says of its policy's settings.
 *
 * @errors `BadSettings` with the first field that is of another form.
 */
export const savedSettings = ({ path, manifest }: ManifestOf): E.Either<PolicyError, ActingSettings> => {
  const read = settingsSchema.safeParse(manifest.config);
  if (read.success) return E.right(read.data);
  const [issue] = read.error.issues;
  return E.left({
    _tag: 'BadSettings',
    path,
    field: issue?.path.join('.') ?? 'config',
    reason: issue?.message ?? 'of another form',
  });
};

/** What a checkpoint says of its policy. */
type Described = {
  readonly settings: ActingSettings;
  readonly stats: NormStats;
  readonly codec: ActionCodec | null;
  readonly step: number;
};

const described = (checkpoint: OpenCheckpoint): E.Either<PolicyError, Described> =>
  pipe(
    E.Do,
    E.bind('settings', () => savedSettings(checkpoint)),
    E.bind('stats', () => savedStats(checkpoint)),
    E.bind('codec', ({ settings }) => savedCodec(checkpoint, settings.model)),
    E.map((read) => ({ ...read, step: checkpoint.manifest.step })),
  );

type OnDevice = { readonly _tag: 'OnDevice'; readonly error: BackendError };

/** The parameters that act: the averaged ones over those as trained, where there are any. */
const actingTensors = (
  putOnDevice: PutOnDevice,
  checkpoint: OpenCheckpoint,
  live: boolean,
): TE.TaskEither<CheckpointError | OnDevice, Tree<Buffer>> => {
  const put: Put<OnDevice> = (value, path) =>
    pipe(
      putOnDevice(value, path),
      TE.mapLeft((error): OnDevice => ({ _tag: 'OnDevice', error })),
    );
  const averages = [...(checkpoint.sources.get(checkpointFiles.others)?.tensors.keys() ?? [])].flatMap((name) =>
    name.startsWith('ema/') ? [name.slice('ema/'.length)] : [],
  );
  const averaged = new Set(live ? [] : averages);
  const { params, others } = checkpointFiles;
  return pipe(
    TE.Do,
    TE.bind('trained', () => putTensors(put, checkpoint, params, 'params/', (name) => !averaged.has(name))),
    TE.bind('ema', () =>
      averaged.size === 0
        ? TE.right<CheckpointError | OnDevice, Tree<Buffer>>({})
        : putTensors(put, checkpoint, others, '', (name) => name.startsWith('ema/')),
    ),
    TE.flatMapEither(({ trained, ema }) => {
      const below = isNode(ema) ? ema['ema'] : undefined;
      const all = [...flatten(trained), ...(below === undefined ? [] : flatten(below))];
      return treeFromNames(new Map(all.map(({ path, leaf }) => [path, leaf])));
    }),
  );
};

/** What a checkpoint says of its policy, and the parameters that act, on a device. */
export type Loaded = Described & { readonly params: Tree<Buffer> };

/**
 * Reads what acts of the checkpoint in a folder.
 *
 * @param live - the parameters as trained instead of the averaged ones.
 */
export const loadActing = (placement: Placement, path: string, live: boolean): Effect<Loaded> =>
  pipe(
    withCheckpoint(path)((checkpoint) =>
      pipe(
        TE.fromEither(described(checkpoint)),
        TE.mapLeft((error) => ({ _tag: 'Refused' as const, error })),
        TE.bindTo('said'),
        TE.bindW('params', () => allOrNone(placement)((put) => actingTensors(put, checkpoint, live))),
        TE.map(({ said, params }): Loaded => ({ ...said, params })),
      ),
    ),
    TE.mapLeft((error): PolicyError => {
      if (error._tag === 'Refused') return error.error;
      return error._tag === 'OnDevice' ? backendError(error.error) : checkpointError(error);
    }),
  );
