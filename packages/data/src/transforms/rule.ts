import type * as E from 'fp-ts/lib/Either.js';
import type { DataDict } from './array.js';
import type { TransformError } from './error.js';
import type { Tokenizers } from './tokenizers.js';
import type { Transform } from './transform.js';

/** The transform of one kind. */
type TransformOf<Kind extends Transform['kind']> = Extract<Transform, { readonly kind: Kind }>;

/** What rules know beside the entries. */
export type Given = {
  /** Samples of the batch: the leading extent of every entry. */
  readonly b: number;
  readonly tokenizers: Tokenizers;
};

/** What a kind of transform does to a batch. */
export type Rule<Kind extends Transform['kind']> = (
  transform: TransformOf<Kind>,
  dict: DataDict,
  given: Given,
) => E.Either<TransformError, DataDict>;

/** The rules of some kinds. */
export type Rules<Kind extends Transform['kind']> = { readonly [K in Kind]: Rule<K> };
