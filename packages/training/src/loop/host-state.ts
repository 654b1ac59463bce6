import { type DataPosition, firstPosition } from '@torsor/data';
import {
  decodeFirstInterval,
  decodeInterval,
  encodeInterval,
  type Interval,
  type IntervalState,
  interval,
  showMetricsError,
} from '@torsor/metrics';
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
};

/** The state before the first update. */
export const firstHostState: HostState = {
  step: 0,
  position: firstPosition,
  interval: {},
};

const count = z.int().min(0);

const hostStateSchema = z.strictObject({
  step: count,
  position: z.strictObject({ epoch: count, offset: count }),
  interval: z.unknown(),
  // Version 0.1 kept the wall time of an interval beside it.
  intervalSeconds: z.number().min(0).optional(),
});

/**
 * A host state as JSON text, for a checkpoint.
 *
 * @param measures - the metrics whose interval it holds.
 * @law `decodeHostState(encodeHostState(state)) = state`.
 */
export const encodeHostState = (state: HostState, measures: Interval = interval): string =>
  JSON.stringify({ ...state, interval: encodeInterval(measures, state.interval) });

const hostStateOf = (value: unknown, measures: Interval): E.Either<string, HostState> => {
  const result = hostStateSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    return E.left(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { intervalSeconds, interval: saved, ...host } = result.data;
  return pipe(
    intervalSeconds === undefined ? decodeInterval(measures, saved) : decodeFirstInterval(saved, intervalSeconds),
    E.bimap(showMetricsError, (state) => ({ ...host, interval: state })),
  );
};

/** The host state of a JSON text, of this version or of 0.1; the left is a sentence that names the first field of another form. */
export const decodeHostState = (text: string, measures: Interval = interval): E.Either<string, HostState> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(text),
      (cause) => `not JSON: ${String(cause)}`,
    ),
    E.flatMap((value) => hostStateOf(value, measures)),
  );
