import { makeAttnMask, positionsOf } from '@torsor/nn';
import {
  add,
  broadcastInDim,
  concatenate,
  convert,
  type Expr,
  expandDims,
  isValid,
  literal,
  reduceSum,
  withTypes,
} from '@torsor/tensor';

/** Tokens of one part of the sequence. */
export type TokenBlock = {
  /** `[b, s, d]`. */
  readonly tokens: Expr;
  /** `bool[b, s]`, false for padding. */
  readonly mask: Expr;
  /** True where a token begins a group that earlier tokens do not see; one per token. */
  readonly arMask: readonly boolean[];
};

/** The number of tokens in `[b, s, d]`. */
export const lengthOf = (tokens: Expr): number => (isValid(tokens) ? (tokens.type.shape[1] ?? 0) : 0);

/** Where tokens stand and what they see. */
export type Layout = {
  /** `i32[b, t]`. */
  readonly positions: Expr;
  /** `bool[b, t, s]`: token, key. */
  readonly mask: Expr;
};

/** The layout of blocks that follow one another. */
export const layoutOf = (blocks: readonly TokenBlock[]): Layout => {
  const valid = concatenate(
    blocks.map(({ mask }) => mask),
    1,
  );
  const arMask = blocks.flatMap((block) => block.arMask.map(Number));
  return { positions: positionsOf(valid), mask: makeAttnMask(valid, literal(arMask, 'bool')) };
};

/**
 * The layout of a block after one whose keys and values are cached: its tokens stand after the cached valid ones and
 * see all of those.
 */
export const layoutAfter = (cached: TokenBlock, block: TokenBlock): Layout => {
  const own = layoutOf([block]);
  const count = reduceSum(convert(cached.mask, 'i32'), [1]);
  const seen = withTypes([cached.mask, block.mask], ([p, s]) =>
    broadcastInDim(cached.mask, [p?.shape[0] ?? 0, s?.shape[1] ?? 0, p?.shape[1] ?? 0], [0, 2]),
  );
  return { positions: add(expandDims(count, 1), own.positions), mask: concatenate([seen, own.mask], 2) };
};
