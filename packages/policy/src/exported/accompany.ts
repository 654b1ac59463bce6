import {
  type Accompaniment,
  type ConvertedCheckpoint,
  type JsonObject,
  type TargetFormat,
  unaccompanied,
} from '@torsor/checkpoint';
import { showNormStats } from '@torsor/data';
import { policyAdapters } from '@torsor/models';
import { roundTo } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { PolicyError } from '../error.js';
import { familyOf } from '../families/families.js';
import { frozenTableDtype } from '../families/freeze.js';
import { type ActingSettings, savedSettings } from '../saved/acting.js';
import { savedStats } from '../saved/identity.js';
import { checkpointFiles } from '../saved/tensors.js';
import type { Exported } from './features.js';
import { lerobotConfig, variantsOf } from './lerobot-config.js';
import { lerobotPipelines } from './lerobot-pipelines.js';

/** Where a policy goes. */
export type Destination = {
  readonly to: TargetFormat;
  /** What the weights are written in; F32 when absent. */
  readonly dtype?: 'F32' | 'BF16' | undefined;
  /** openpi's name for the statistics, by which its configuration finds them. */
  readonly assetId: string;
};

type Refused = E.Either<PolicyError, Accompaniment>;

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

const table = 'PaliGemma/llm/embedder/input_embedding';

/** What merging changes although it should not. */
const mergedNotes = ({ model, ...freeze }: ActingSettings): readonly string[] => {
  const isAdapted = familyOf(model)
    .experts(model)
    .some(({ lora }) => lora !== undefined);
  const scale = Math.sqrt(model.paligemma.width);
  const dtype = frozenTableDtype(freeze);
  if (!isAdapted || model.lora !== 'openpi' || dtype === undefined || roundTo(dtype, scale) === scale) return [];
  return [
    `embeddings are multiplied by √${model.paligemma.width}, in training by its bf16: prompts differ by that rounding`,
  ];
};

const ofOpenpi = (checkpoint: ConvertedCheckpoint, assetId: string): E.Either<PolicyError, Accompaniment['files']> =>
  pipe(
    savedStats(checkpoint),
    E.map((stats) => ({ [`assets/${assetId}/norm_stats.json`]: text(showNormStats(stats)) })),
  );

const notExported = (path: string, reason: string): PolicyError => ({
  _tag: 'NotExported',
  path,
  library: 'LeRobot',
  reason,
});

const exportedOf = (
  checkpoint: ConvertedCheckpoint,
  { model, data, numSamplingSteps }: ActingSettings,
  { dtype }: Destination,
): E.Either<PolicyError, Exported> =>
  pipe(
    E.Do,
    E.bind('lerobot', () =>
      pipe(
        familyOf(model).lerobot(model, numSamplingSteps),
        E.mapLeft((reason) => notExported(checkpoint.path, reason)),
      ),
    ),
    E.bind('stats', () => savedStats(checkpoint)),
    E.filterOrElse(
      ({ stats }) =>
        data.deltaActionMask?.includes(true) !== true || stats.state.mean.length >= stats.actions.mean.length,
      () => notExported(checkpoint.path, 'data.deltaActionMask where states have fewer dimensions than actions'),
    ),
    E.map(({ lerobot, stats }) => ({ lerobot, model, data, stats, dtype: dtype === 'BF16' ? 'bfloat16' : 'float32' })),
  );

const actionTokenizer = 'action_tokenizer';

const lerobotNotes = (
  exported: Exported,
  vocabulary: number,
  tokenizer: string | null,
  isFast: boolean,
): readonly string[] => {
  const { unknown } = variantsOf(exported, vocabulary);
  return [
    ...(unknown.length === 0
      ? []
      : [
          `LeRobot has no setting for these sizes and refuses this config.json until its source has them: ${unknown.join('; ')}`,
        ]),
    ...(tokenizer === null
      ? ["trained with the embedded text tokenizer; LeRobot reads prompts with PaliGemma's, whose tokens are others"]
      : []),
    ...(isFast
      ? [
          `LeRobot opens the action tokenizer lerobot/fast-action-tokenizer; the one trained with is in ${actionTokenizer}: give action_tokenizer_name its path, and its folder the code of the published one`,
        ]
      : []),
  ];
};

const ofLerobot = (
  checkpoint: ConvertedCheckpoint,
  settings: ActingSettings,
  destination: Destination,
): E.Either<PolicyError, Omit<Accompaniment, 'adapters'>> =>
  pipe(
    exportedOf(checkpoint, settings, destination),
    E.map((exported) => {
      const vocabulary = checkpoint.shapes.get(table)?.[0] ?? 0;
      const config: JsonObject = lerobotConfig(exported, vocabulary);
      const fast = Object.entries(checkpointFiles.fast).filter(([, file]) => file in checkpoint.manifest.files);
      return {
        files: { 'config.json': text(`${JSON.stringify(config, null, 2)}\n`), ...lerobotPipelines(exported) },
        copies: Object.fromEntries(fast.map(([name, file]) => [`${actionTokenizer}/${name}`, file])),
        notes: lerobotNotes(exported, vocabulary, settings.data.tokenizer, fast.length > 0),
      };
    }),
  );

/**
 * What goes with the weights of a checkpoint into another library: the low-rank factors to be merged, statistics and configuration in that
 * library's form, and what its reader should know. Into our own format nothing goes: the manifest is in the report.
 *
 * @errors `BadSettings`; `Data` for statistics of another form; `NotExported` for what LeRobot has no word for.
 */
export const accompanied =
  (destination: Destination) =>
  (checkpoint: ConvertedCheckpoint): Refused => {
    const { to, assetId } = destination;
    if (to === 'torsor') return E.right(unaccompanied);
    return pipe(
      savedSettings(checkpoint),
      E.flatMap((settings): Refused => {
        const { model } = settings;
        const adapters = policyAdapters(familyOf(model).experts(model));
        const notes = mergedNotes(settings);
        return to === 'lerobot'
          ? E.map((made: Omit<Accompaniment, 'adapters'>) => ({ ...made, adapters, notes: [...notes, ...made.notes] }))(
              ofLerobot(checkpoint, settings, destination),
            )
          : E.map((files: Accompaniment['files']) => ({ ...unaccompanied, adapters, files, notes }))(
              ofOpenpi(checkpoint, assetId),
            );
      }),
    );
  };
