import type { DataPosition } from '@torsor/data';
import { interval, intervalLine, type MetricLine, type StepMetrics } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import type * as O from 'fp-ts/lib/Option.js';
import type { HostState } from './host-state.js';

/** An update whose loss, gradient or parameters are not numbers: nothing after it can be trusted. */
export type NonFinite = {
  readonly _tag: 'NonFinite';
  readonly step: number;
  readonly what: 'loss' | 'gradNorm' | 'paramNorm';
  readonly value: number;
};

/** What one update left behind. */
export type Update = {
  readonly measured: StepMetrics;
  readonly position: DataPosition;
  /** Wall time of the update, waiting for its batch included. */
  readonly seconds: number;
};

/**
 * The host state after an update.
 *
 * @errors `NonFinite` when the loss, the gradient norm or the parameter norm is NaN or infinite.
 */
export const advance = (host: HostState, { measured, position, seconds }: Update): E.Either<NonFinite, HostState> => {
  const step = host.step + 1;
  for (const what of ['loss', 'gradNorm', 'paramNorm'] as const) {
    const value = measured[what] ?? 0;
    if (!Number.isFinite(value)) return E.left({ _tag: 'NonFinite', step, what, value });
  }
  const intervalSeconds = host.intervalSeconds + seconds;
  return E.right({ step, position, interval: interval.step(host.interval, measured), intervalSeconds });
};

/** The line of the updates since the last one, if there were any, and the state that begins the next interval. */
export const takeLine = (host: HostState): { readonly line: O.Option<MetricLine>; readonly host: HostState } => ({
  line: intervalLine(host.interval, host.step, host.intervalSeconds),
  host: { ...host, interval: interval.empty, intervalSeconds: 0 },
});
