import { type Expr, isValid } from '@torsor/tensor';
import { expertSuffix, type GemmaConfig, type GemmaExpert } from './config.js';

/** An expert that has tokens in a pass. */
export type ActiveExpert = {
  /** Which of the experts it is. */
  readonly index: number;
  /** The suffix of its parameter names. */
  readonly suffix: string;
  readonly config: GemmaConfig;
  /** `[b, c]`, what modulates its normalizations, if anything does. */
  readonly condition: Expr | undefined;
  /** Where its tokens stand among those of all active experts: `[start, end)`. */
  readonly start: number;
  readonly end: number;
};

/** An active expert and its tokens `[b, s, d]`. */
export type Stream = {
  readonly expert: ActiveExpert;
  readonly x: Expr;
};

/**
 * The experts that have tokens, in order.
 *
 * @param tokens - `[b, s, d]` per expert.
 * @param conditions - `[b, c]` per expert, where it is adaptive.
 */
export const streamsOf = (
  experts: readonly GemmaExpert[],
  tokens: readonly (Expr | undefined)[],
  conditions: readonly (Expr | undefined)[],
): readonly Stream[] => {
  const streams: Stream[] = [];
  for (const [i, { config }] of experts.entries()) {
    const x = tokens[i];
    if (x === undefined) continue;
    const start = streams.at(-1)?.expert.end ?? 0;
    const length = isValid(x) ? (x.type.shape[1] ?? 0) : 0;
    const expert = { index: i, suffix: expertSuffix(i), config, condition: conditions[i], start, end: start + length };
    streams.push({ expert, x });
  }
  return streams;
};
