import { checkVocabulary, type TextTokenizer, withActionTokens } from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { defect, type PolicyError, tokenizerError } from '../error.js';
import { familyOf, type ModelSettings } from '../families/families.js';
import type { ActionTokenSettings } from '../families/family.js';
import type { ActionCodec } from './action-codec.js';
import type { SequenceEncoder } from './sequences.js';

/** What turns tasks, states and actions into the tokens of a model. */
export type Sequences = {
  readonly tokenizer: TextTokenizer;
  readonly encode: SequenceEncoder;
  /** As `encode`, but sequences that are too long are cut and counted, whatever the settings allow. */
  readonly measure: SequenceEncoder;
  /** Without recorded actions: what a policy that writes them goes on from; the same as `encode` for others. */
  readonly encodePrompt: SequenceEncoder;
  /** The same of held-out samples, which stop no training: cut where they are too long, the nearest tokens for motions without. */
  readonly heldOut: { readonly encode: SequenceEncoder; readonly encodePrompt: SequenceEncoder };
  /** Of a policy that writes its actions as tokens: what they mean. */
  readonly codec: ActionCodec | null;
};

/** What the sequences of a policy depend on. */
export type SequenceSettings = {
  readonly model: ModelSettings;
  readonly data: {
    /** The file of the text tokenizer; `null`: the embedded one. */
    readonly tokenizer: string | null;
    /** Share of the sequences that may be longer than `maxTokenLen` and are cut. */
    readonly maxTruncatedShare: number;
  };
};

/** How settings write actions as tokens; `null` for a family that writes none. */
export const actionTokensOf = (model: ModelSettings): ActionTokenSettings | null => {
  const { sequences } = familyOf(model);
  return sequences._tag === 'Actions' ? sequences.tokens(model) : null;
};

/**
 * Ids for action tokens: PaliGemma's vocabulary ends with ids to spare, as every tokenizer of the user's own is taken to do;
 * the embedded one has none, and gets them.
 */
const withActions = (
  text: TextTokenizer,
  { tokenizer }: Pick<SequenceSettings['data'], 'tokenizer'>,
  actionTokens: number | null,
): TextTokenizer => (actionTokens === null || tokenizer !== null ? text : withActionTokens(text, actionTokens));

const checkRows = (
  { model, data }: SequenceSettings,
  tokenizer: TextTokenizer,
  actionTokens: number,
): E.Either<PolicyError, TextTokenizer> => {
  const rows = model.vocabSize ?? tokenizer.vocabSize;
  if (data.tokenizer !== null) return E.mapLeft(tokenizerError)(checkVocabulary(tokenizer, rows, actionTokens));
  return rows >= tokenizer.vocabSize
    ? E.right(tokenizer)
    : E.left({ _tag: 'TooFewRows', rows, tokens: tokenizer.vocabSize });
};

const missingCodec = defect('a family that writes action tokens was given no tokenizer for them');

const encodersOf = (
  { model, data }: SequenceSettings,
  tokenizer: TextTokenizer,
  codec: ActionCodec | null,
): E.Either<PolicyError, Pick<Sequences, 'encode' | 'measure' | 'encodePrompt' | 'heldOut'>> => {
  const { sequences } = familyOf(model);
  const { maxTokenLen } = model;
  const asAllowed = { maxTokenLen, onTooLong: data.maxTruncatedShare > 0 ? 'truncate' : 'refuse' } as const;
  const cut = { maxTokenLen, onTooLong: 'truncate' } as const;
  if (sequences._tag === 'Text') {
    const encode = sequences.encoder(model, tokenizer, asAllowed);
    const measure = sequences.encoder(model, tokenizer, cut);
    return E.right({ encode, measure, encodePrompt: encode, heldOut: { encode: measure, encodePrompt: measure } });
  }
  if (codec === null) return E.left(missingCodec);
  return E.right({
    encode: sequences.encoder(tokenizer, codec.tokenizer, asAllowed, true),
    measure: sequences.encoder(tokenizer, codec.tokenizer, cut, true),
    encodePrompt: sequences.encoder(tokenizer, codec.tokenizer, asAllowed, false),
    heldOut: {
      encode: sequences.encoder(tokenizer, codec.nearest, cut, true),
      encodePrompt: sequences.encoder(tokenizer, codec.nearest, cut, false),
    },
  });
};

/**
 * What turns data into the tokens of a model.
 *
 * @param text - the tokenizer of texts.
 * @param codec - the tokens of action chunks, for a family that writes them.
 * @errors `TooFewRows`, and those of `checkVocabulary`: a model whose embeddings are not those of the tokenizer.
 */
export const sequencesOf = (
  settings: SequenceSettings,
  text: TextTokenizer,
  codec: ActionCodec | null,
): E.Either<PolicyError, Sequences> => {
  const actionTokens = codec?.tokenizer.vocabSize ?? null;
  return pipe(
    checkRows(settings, withActions(text, settings.data, actionTokens), actionTokens ?? 0),
    E.bindTo('tokenizer'),
    E.bind('encoders', ({ tokenizer }) => encodersOf(settings, tokenizer, codec)),
    E.map(({ tokenizer, encoders }) => ({ tokenizer, ...encoders, codec })),
  );
};

/** The rows of an embedding table that settings leave to their tokenizers, before there are any action tokens. */
export const plannedVocabulary = (
  { model, data }: Pick<SequenceSettings, 'model'> & { readonly data: Pick<SequenceSettings['data'], 'tokenizer'> },
  text: TextTokenizer,
): number => withActions(text, data, actionTokensOf(model)?.vocabSize ?? null).vocabSize;
