import * as E from 'fp-ts/lib/Either.js';
import { type ModelError, modelError } from '../error.js';
import { refuseCount } from '../gemma/check.js';

/** The sizes of openpi's `FsqAttentionTokenizer`, under its own names. */
export type FsqConfig = {
  /** d, a multiple of 64, the width of a head. */
  readonly embed_dim: number;
  /** ad. */
  readonly data_dim: number;
  /** ah. */
  readonly data_horizon: number;
  /** n, tokens of a chunk. */
  readonly num_tokens: number;
  readonly num_layers: number;
  /** Tokens of the codebook, as `fsqBins` of `@torsor/tokenizer` takes it. */
  readonly target_codebook_size: number;
  readonly causal?: boolean;
  readonly mlp_ratio?: number;
  /** The largest size of an action that it was trained on. */
  readonly bound?: number | null;
  readonly use_state_conditioning?: boolean;
};

/** The width of a head. */
export const fsqHeadWidth = 64;

/** Latent dimensions of a token: those of openpi's `custom` codebooks, which its tokenizer uses. */
export const fsqLatentWidth = 2;

/** The inner width of the feed-forward layers. */
export const fsqHidden = ({ embed_dim, mlp_ratio = 2 }: FsqConfig): number => Math.trunc(embed_dim * mlp_ratio);

const counts = ['embed_dim', 'data_dim', 'data_horizon', 'num_tokens', 'num_layers'] as const;

/**
 * A configuration that can be computed.
 *
 * @errors `BadModelConfig` for the causal and the state-conditioned variant, a width that heads do not fill and a size that
 * is none.
 */
export const checkFsqConfig = (config: FsqConfig): E.Either<readonly ModelError[], FsqConfig> => {
  const { embed_dim, causal, use_state_conditioning } = config;
  const errors = [
    ...counts.flatMap((name) => refuseCount(`fsq.${name}`, config[name])),
    ...(fsqHidden(config) >= 1
      ? []
      : [modelError('fsq.mlp_ratio', `must be at least 1 / embed_dim, got ${config.mlp_ratio}`)]),
    ...(embed_dim % fsqHeadWidth === 0
      ? []
      : [modelError('fsq.embed_dim', `must be a multiple of ${fsqHeadWidth}, the width of a head, got ${embed_dim}`)]),
    // openpi's causal mask compares feature values, not places; a state is no part of an action tokenizer's input.
    ...(causal === true ? [modelError('fsq.causal', 'must be false: causal FSQ is not supported')] : []),
    ...(use_state_conditioning === true
      ? [modelError('fsq.use_state_conditioning', 'must be false: FSQ conditioned on the state is not supported')]
      : []),
  ];
  return errors.length > 0 ? E.left(errors) : E.right(config);
};
