import type { Finding } from '../finding.js';
import { counted } from '../words.js';

/** What stored weights are, as far as their headers and their manifest say. */
export type StoredWeights = {
  readonly path: string;
  /** Rows of the embedding table; `null` where they have none under our name. */
  readonly rows: number | null;
  /** Of a checkpoint of ours: dimensions that its statistics have, and whether it was trained with the embedded tokenizer. */
  readonly manifest: {
    readonly state: number | null;
    readonly actions: number | null;
    readonly isEmbedded: boolean;
  } | null;
};

/** The tokenizer of a run. */
export type RunTokenizer = {
  /** Of the file; `null`: the embedded one. */
  readonly path: string | null;
  /** Ids, those of action tokens included. */
  readonly tokens: number;
};

/**
 * Weights whose embedding rows are those of another tokenizer: every prompt would be read as other words, and nothing fails.
 * The embedded tokenizer has as many ids as it has rows, so more rows than ids are certain to be another's.
 */
export const tokenizerFindings = (
  { path, rows, manifest }: StoredWeights,
  { path: file, tokens }: RunTokenizer,
): readonly Finding[] => {
  if (rows === null || file !== null || rows <= tokens || manifest?.isEmbedded === true) return [];
  return [
    {
      _tag: 'OtherTokenizer',
      severity: 'error',
      where: { file: path },
      numbers: { rows, tokens },
      message: `the weights have embeddings of ${rows} tokens, the embedded text tokenizer has ${tokens}: it is not the one that they were trained with, and every prompt would mean other words to them.`,
      remedy: 'data.tokenizer=… the SentencePiece model or tokenizer.json of these weights',
    },
  ];
};

/** Dimensions of a dataset beside those that a checkpoint of ours was trained on; it keeps their number, not their names. */
export const dimensionFindings = (
  { path, manifest }: StoredWeights,
  dataset: { readonly stateNames: readonly string[]; readonly actionNames: readonly string[] },
): readonly Finding[] => {
  if (manifest === null) return [];
  const sides = [
    { feature: 'state', before: manifest.state, now: dataset.stateNames.length },
    { feature: 'action', before: manifest.actions, now: dataset.actionNames.length },
  ];
  const other = sides.flatMap(({ feature, before, now }): readonly Finding[] =>
    before === null || before === now
      ? []
      : [
          {
            _tag: 'OtherDimensions',
            severity: 'warning',
            where: { file: path, feature },
            numbers: { checkpoint: before, dataset: now },
            message: `the checkpoint was trained on ${counted(before, 'dimension')}, the dataset has ${now}: what it learned of each is of another joint from the first difference on.`,
            remedy: `data.columns.${feature}, so that the dimensions are those of the checkpoint in their order`,
          },
        ],
  );
  if (other.length > 0) return other;
  return [
    {
      _tag: 'JointNamesNotKept',
      severity: 'note',
      where: { file: path },
      numbers: { state: dataset.stateNames.length, action: dataset.actionNames.length },
      message:
        'checkpoints keep the number of the dimensions they were trained on, not their names: whether the order of the joints is the same was not looked at.',
      remedy: null,
    },
  ];
};
