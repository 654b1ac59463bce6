import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import {
  createDataset,
  type DatasetSpec,
  type FeatureSpec,
  type NewEpisode,
  showWriteError,
  type WriteError,
  type WriteOptions,
} from '../../src/index.js';

/** The value of an effect that must succeed; its message otherwise. */
export const succeeds = async <A>(effect: TE.TaskEither<WriteError, A>): Promise<A> => {
  const result = await effect();
  if (E.isLeft(result)) throw new Error(showWriteError(result.left));
  return result.right;
};

/** The error of an effect that must fail. */
export const fails = async (effect: TE.TaskEither<WriteError, unknown>): Promise<WriteError> => {
  const result = await effect();
  if (E.isRight(result)) throw new Error('expected an error');
  return result.left;
};

/** A dataset that is to be written: what it is of, and its episodes. */
export type Recorded = { readonly spec: DatasetSpec; readonly episodes: readonly NewEpisode[] };

/** Writes a whole dataset. */
export const write = async (dir: string, { spec, episodes }: Recorded, options: WriteOptions = {}): Promise<void> => {
  const writer = await succeeds(createDataset(dir, spec, options));
  for (const episode of episodes) await succeeds(writer.addEpisode(episode));
  await succeeds(writer.close());
};

/** Frames of an episode, by its tasks or its first values. */
export const lengthOf = ({ spec }: Recorded, { values }: NewEpisode): number => {
  const width = spec.features['action']?.shape[0] ?? 1;
  return (values['action']?.length ?? 0) / width;
};

/** Any finite f32, -0 and the least ones too. */
const real = fc.float({ noNaN: true, noDefaultInfinity: true });

const vector = (length: number, width: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(real, { minLength: length * width, maxLength: length * width, size: 'max' })
    .map((values) => Float32Array.from(values));

const pictures = (length: number, height: number, width: number): fc.Arbitrary<Uint8Array> =>
  fc.nat(255).map((seed) => Uint8Array.from({ length: length * height * width * 3 }, (_, i) => (i * i + seed) & 255));

const list = <A>(length: number, item: fc.Arbitrary<A>): fc.Arbitrary<A[]> =>
  fc.array(item, { minLength: length, maxLength: length, size: 'max' });

/** Texts that no writer refuses. */
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((said) => said.trim() !== '');

type Widths = { readonly state: number; readonly action: number; readonly flags: number };

const features = ({ state, action, flags }: Widths): DatasetSpec['features'] => {
  const named: FeatureSpec = {
    dtype: 'float32',
    shape: [state],
    names: Array.from({ length: state }, (_, i) => `j${i}`),
  };
  return {
    'observation.state': named,
    action: { dtype: 'float32', shape: [action] },
    count: { dtype: 'int64', shape: [2] },
    flags: { dtype: 'bool', shape: [flags] },
    note: { dtype: 'string', shape: [1] },
    'observation.images.top': { dtype: 'image', shape: [3, 5, 3] },
  };
};

const episode = ({ state, action, flags }: Widths, tasks: readonly string[]): fc.Arbitrary<NewEpisode> =>
  fc.integer({ min: 1, max: 12 }).chain((length) =>
    fc.record({
      task: fc.oneof(fc.constantFrom(...tasks), list(length, fc.constantFrom(...tasks))),
      values: fc.record({
        'observation.state': vector(length, state),
        action: vector(length, action),
        count: list(length * 2, fc.maxSafeInteger()),
        flags: list(length * flags, fc.boolean()),
        note: list(length, fc.string({ unit: 'grapheme' })),
      }),
      cameras: fc.record({ 'observation.images.top': pictures(length, 3, 5) }),
    }),
  );

/** Datasets of any widths, lengths, tasks and limits, whose files roll over often. */
export const recorded: fc.Arbitrary<Recorded> = fc
  .record({
    widths: fc.record({
      state: fc.integer({ min: 1, max: 4 }),
      action: fc.integer({ min: 1, max: 3 }),
      flags: fc.integer({ min: 1, max: 2 }),
    }),
    tasks: fc.uniqueArray(text, { minLength: 1, maxLength: 4 }),
    fps: fc.integer({ min: 1, max: 120 }),
    robotType: fc.option(fc.string({ unit: 'grapheme' })),
    limits: fc.record({
      chunksSize: fc.integer({ min: 1, max: 3 }),
      dataFilesSizeInMb: fc.constantFrom(0.001, 0.02, 0.04, 100),
    }),
  })
  .chain(({ widths, tasks, fps, robotType, limits }) =>
    fc.record({
      spec: fc.constant<DatasetSpec>({ fps, robotType, limits, features: features(widths) }),
      episodes: fc.array(episode(widths, tasks), { minLength: 1, maxLength: 6 }),
    }),
  );
