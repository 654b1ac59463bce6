import type { Buffer } from '@torsor/backend';
import { type ActionTokenizer, extractActions, showTokenizerError, type TextTokenizer } from '@torsor/tokenizer';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TrainConfig } from '../../config/schema.js';
import { defect, transformFailure } from '../../failure.js';
import type { Opening } from '../compiled.js';
import { type ModelSpace, recordedActions } from '../model-space.js';
import type { Placed } from '../placed.js';
import type { Policy } from '../policy.js';
import type { Recipe } from '../programs.js';
import type { DecodedChunk } from './decoded.js';
import { decodeTokens, type FastSampler, openFastSampler, type WrittenTokens } from './fast.js';
import { type FlowSampler, openFlowSampler, sampleFlow } from './flow.js';
import type { Effect } from './on-device.js';
import type { Request } from './request.js';

/** What makes chunks of actions, compiled. */
export type Sampler = FlowSampler | FastSampler;

/** Compiles what samples from a policy. */
export const openSampler = (placed: Placed, config: TrainConfig, policy: Policy, recipe: Recipe): Opening<Sampler> =>
  policy.family === 'fast'
    ? openFastSampler(placed, config, policy.config, recipe)
    : openFlowSampler(placed, config, policy.config, recipe);

/** Sampled chunks. */
export type Chunks = {
  /** `f32[b, ah, n]` in the dataset's units. */
  readonly actions: Float32Array;
  /** What was decoded for each sample; `null` where nothing was. */
  readonly decoded: readonly DecodedChunk[] | null;
};

/** What sampled numbers or tokens mean. */
export type Meaning = {
  readonly space: ModelSpace;
  /** Of a policy that writes tokens; `null` for others. */
  readonly tokenizers: { readonly text: TextTokenizer; readonly actions: ActionTokenizer } | null;
};

type Decoded = { readonly actions: Float32Array; readonly decoded: readonly DecodedChunk[] };

/**
 * Normalized actions of written tokens; of tokens that are no actions, zeros, which openpi would execute, and the reason.
 */
const actionsOf = (
  { text, actions: codec }: NonNullable<Meaning['tokenizers']>,
  shape: readonly [number, number],
  chunks: readonly WrittenTokens[],
): Decoded => {
  const extract = extractActions(text, codec, shape);
  const size = shape[0] * shape[1];
  const actions = new Float32Array(chunks.length * size);
  const decoded = chunks.map(({ tokens, length }, row): DecodedChunk => {
    const found = extract(tokens);
    if (E.isLeft(found)) return { tokens: length, failure: showTokenizerError(found.left) };
    actions.set(found.right.data, row * size);
    return { tokens: length, failure: null };
  });
  return { actions, decoded };
};

const flowChunks = (
  placed: Placed,
  sampler: FlowSampler,
  params: Tree<Buffer>,
  space: ModelSpace,
  request: Request,
): Effect<Chunks> =>
  pipe(
    sampleFlow(placed, sampler, params, request),
    TE.flatMapEither((sampled) => E.mapLeft(transformFailure)(recordedActions(space, request.recorded, sampled))),
    TE.map((actions) => ({ actions, decoded: null })),
  );

const fastChunks = (
  placed: Placed,
  sampler: FastSampler,
  params: Tree<Buffer>,
  { space, tokenizers }: Meaning,
  request: Request,
): Effect<Chunks> => {
  if (tokenizers === null) return TE.left(defect('a policy that writes tokens was given no tokenizer for them'));
  const { recorded } = request;
  return pipe(
    decodeTokens(placed, sampler, params, request),
    TE.map((chunks) => actionsOf(tokenizers, [recorded.actionHorizon, recorded.actionDim], chunks)),
    TE.flatMapEither(({ actions, decoded }) =>
      pipe(
        recordedActions(space, recorded, actions),
        E.bimap(transformFailure, (absolute) => ({ actions: absolute, decoded })),
      ),
    ),
  );
};

/** A chunk for each sample of a batch, in the dataset's units. */
export const sampleChunks = (
  placed: Placed & { readonly sampler: Sampler },
  params: Tree<Buffer>,
  meaning: Meaning,
  request: Request,
): Effect<Chunks> =>
  placed.sampler._tag === 'Flow'
    ? flowChunks(placed, placed.sampler, params, meaning.space, request)
    : fastChunks(placed, placed.sampler, params, meaning, request);
