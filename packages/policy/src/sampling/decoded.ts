/** What became of the tokens that were decoded for one chunk. */
export type DecodedChunk = {
  /** The number of tokens, the end of the sequence included. */
  readonly tokens: number;
  /** Why they are no actions; `null` when they are. */
  readonly failure: string | null;
};

/** How decoding went. */
export type DecodingCounts = {
  readonly chunks: number;
  readonly tokens: number;
  readonly failures: number;
  /** The first reason for a failure, `null` when there was none. */
  readonly example: string | null;
};

/**
 * The counts of some chunks.
 *
 * @law the counts of a list are the sums of those of its parts.
 */
export const decodingCounts = (chunks: readonly DecodedChunk[]): DecodingCounts => ({
  chunks: chunks.length,
  tokens: chunks.reduce((sum, { tokens }) => sum + tokens, 0),
  failures: chunks.filter(({ failure }) => failure !== null).length,
  example: chunks.find(({ failure }) => failure !== null)?.failure ?? null,
});
