import { createDataset, type DatasetSpec, type NewEpisode } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { built } from './built.js';

/** What is recorded: how many episodes of how many frames, and two cameras or none. */
export type Recorded = {
  readonly episodes: number;
  readonly frames: number;
  readonly cameras: 'none' | 'image' | 'video';
  /** Height and width of pictures. */
  readonly size: readonly [height: number, width: number];
};

const dims = 14;
const fps = 30;
const names = ['observation.images.front', 'observation.images.wrist'];

const orThrow = async <Err, A>(task: TE.TaskEither<Err, A>): Promise<A> => {
  const made = await task();
  if (E.isLeft(made)) throw new Error(JSON.stringify(made.left));
  return made.right;
};

const specOf = ({ cameras, size: [height, width] }: Recorded): DatasetSpec => ({
  fps,
  features: {
    'observation.state': { dtype: 'float32', shape: [dims] },
    action: { dtype: 'float32', shape: [dims] },
    ...(cameras === 'none'
      ? {}
      : Object.fromEntries(names.map((name) => [name, { dtype: cameras, shape: [height, width, 3] as const }]))),
  },
});

/** Frames of a moving gradient under a texture: neither noise, which codes badly, nor one colour. */
const scene = (frames: number, [height, width]: Recorded['size'], seed: number): Uint8Array => {
  const picture = height * width * 3;
  const out = new Uint8Array(frames * picture);
  for (let i = 0; i < out.length; i++) {
    const [frame, at] = [Math.floor(i / picture), i % picture];
    out[i] = (at % (width * 3)) / 8 + 3 * frame + 40 * seed + (((at * 7919) >>> 5) & 7);
  }
  return out;
};

const episodeOf = ({ frames, cameras, size }: Recorded, episode: number): NewEpisode => {
  const rows = Float32Array.from({ length: frames * dims }, (_, i) => Math.sin(episode + i / 97));
  const seen = Object.fromEntries(names.map((name, i) => [name, scene(frames, size, episode + i)]));
  const values = { 'observation.state': rows, action: rows };
  return { task: 'move', values, ...(cameras === 'none' ? {} : { cameras: seen }) };
};

const encodeVideo = async (): Promise<Parameters<typeof createDataset>[2]> => {
  const { encodeVideo: encode, showVideoError } = await built();
  return {
    video: {
      codec: 'av1',
      pixelFormat: 'yuv420p',
      encode: (file, frames, settings) => async () =>
        E.mapLeft(showVideoError)(await encode(file, frames, { ...settings, codec: 'av1' })()),
    },
  };
};

/** Writes a dataset of LeRobot v3.0. */
export const record = async (dir: string, recorded: Recorded): Promise<void> => {
  const options = recorded.cameras === 'video' ? await encodeVideo() : {};
  const writer = await orThrow(createDataset(dir, specOf(recorded), options));
  for (let episode = 0; episode < recorded.episodes; episode++) {
    await orThrow(writer.addEpisode(episodeOf(recorded, episode)));
  }
  await orThrow(writer.close());
};
