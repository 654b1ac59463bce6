import { type DataPosition, firstPosition } from '@torsor/data';
import { type IntervalState, interval } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as z from 'zod';

/** The part of a training state that lives on the host: small, and exact as JSON. */
export type HostState = {
  /** Updates made. */
  readonly step: number;
  readonly position: DataPosition;
  /** The updates since the last line of metrics. */
  readonly interval: IntervalState;
  /** Wall time since the last line of metrics. */
  readonly intervalSeconds: number;
};

/** The state before the first update. */
export const firstHostState: HostState = {
  step: 0,
  position: firstPosition,
  interval: interval.empty,
  intervalSeconds: 0,
};

const count = z.int().min(0);

const exactSum = z.strictObject({ parts: z.array(z.number()), nonFinite: z.literal(0) });

const meanState = z.strictObject({ total: exactSum, weight: exactSum });

const option = z.union([
  z.strictObject({ _tag: z.literal('None') }),
  z.strictObject({ _tag: z.literal('Some'), value: z.number() }),
]);

const hostStateSchema = z.strictObject({
  step: count,
  position: z.strictObject({ epoch: count, offset: count }),
  interval: z.strictObject({
    steps: count,
    loss: meanState,
    lossRealDims: meanState,
    gradNorm: meanState,
    paramNorm: option,
    learningRate: option,
    dataTime: exactSum,
    samples: exactSum,
    peakMemoryBytes: option,
  }),
  intervalSeconds: z.number().min(0),
});

/**
 * A host state as JSON text, for a checkpoint.
 *
 * @law `decodeHostState(encodeHostState(state)) = state`, for every state without non-finite sums (a run stops at those).
 */
export const encodeHostState = (state: HostState): string => JSON.stringify(state);

/** The host state of a JSON text; the left is a sentence that names the first field of another form. */
export const decodeHostState = (text: string): E.Either<string, HostState> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      (cause) => `not JSON: ${String(cause)}`,
    ),
    E.flatMap((value) => {
      const result = hostStateSchema.safeParse(value);
      const [issue] = result.error?.issues ?? [];
      return result.success ? E.right(result.data) : E.left(`${issue?.path.join('.')}: ${issue?.message}`);
    }),
  );
