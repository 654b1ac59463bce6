import * as z from 'zod';

const isHeldOut = (x: number): boolean => x >= 0 && (x < 1 || Number.isInteger(x));

const key = z.string().min(1);

const features = z
  .union([key, z.array(key).min(1)])
  .nullable()
  .default(null);

const episode = z.int().min(0);

export const dataSchema = z.strictObject({
  dir: key.nullable().default(null).describe('folder of a LeRobot dataset; null: the embedded sample'),
  columns: z
    .strictObject({ state: features, action: features })
    .prefault({})
    .describe(
      "features that states and actions are read from, joined in their order; null: LeRobot's names, or state and actions",
    ),
  episodes: z.array(episode).min(1).nullable().default(null).describe('episodes to use; null: all'),
  excludeEpisodes: z.array(episode).default([]).describe('episodes to leave out'),
  withoutCameras: z
    .union([z.literal('all'), z.array(key)])
    .default([])
    .describe('declared cameras to train without, as observation.images.… keys; or all'),
  cameras: z
    .record(key, key.nullable())
    .default({})
    .describe('what each of model.cameras sees: an observation.images.… key of the dataset; null: it is absent'),
  augment: z
    .boolean()
    .default(true)
    .describe(
      'vary pictures in training: crop, turn, colours; evaluation never does; where left out: not below 64 pixels',
    ),
  jitter: z
    .enum(['full', 'openpi'])
    .default('full')
    .describe("how colours vary: all of them; or openpi's way, whose saturation never changes"),
  deltaActionMask: z
    .array(z.boolean())
    .min(1)
    .nullable()
    .default(null)
    .describe('true: this action dimension is learned relative to the state; null: all absolute'),
  adaptToPi: z
    .boolean()
    .default(false)
    .describe(
      "ALOHA's 14 joints are learned as openpi's own robots count them, whose data its base models were trained on",
    ),
  prompt: key
    .nullable()
    .default(null)
    .describe('the text that every sample is given instead of its task; null: its task'),
  heldOut: z
    .number()
    .refine(isHeldOut, { error: 'a fraction below 1, or a number of episodes' })
    .default(0.1)
    .describe('episodes never trained on: a fraction below 1, or a count; 0: nothing is evaluated'),
  normMode: z
    .enum(['mean_std', 'quantile'])
    .default('mean_std')
    .describe('quantile where left out for pi05 and pi0-fast, as in openpi'),
  gaps: z
    .enum(['cut', 'refuse'])
    .default('cut')
    .describe('where time jumps inside an episode: windows end there; or it is refused'),
  quantiles: z
    .enum(['exact', 'histogram'])
    .default('exact')
    .describe("how q01 and q99 are found: exactly, or from openpi's histogram of 5000 bins"),
  stats: key
    .nullable()
    .default(null)
    .describe("statistics to normalize by instead of the dataset's: a norm_stats.json, its folder, or a checkpoint"),
  tokenizer: key
    .nullable()
    .default(null)
    .describe('the text tokenizer: a SentencePiece .model file, or a tokenizer.json; null: the small embedded one'),
  maxTruncatedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('share of the sequences that may be longer than model.maxTokenLen and are cut; 0: none may'),
  units: z
    .union([z.string(), z.array(z.string())])
    .nullable()
    .default(null)
    .describe('unit of the actions, or one for each dimension; LeRobot records none, they are printed with errors'),
});
