import type { DataPosition } from '@torsor/data';
import { type Interval, intervalLine, type Measured, type MetricLine } from '@torsor/metrics';
import * as E from 'fp-ts/lib/Either.js';
import type * as O from 'fp-ts/lib/Option.js';
import type { TrainingError } from '../error.js';
import type { HostState } from './host-state.js';

/** An update whose loss, gradient or parameters are not numbers: nothing after it can be trusted. */
export type NonFinite = Extract<TrainingError, { readonly _tag: 'NonFinite' }>;

/** What one update left behind. */
export type Update = {
  readonly measured: Measured;
  readonly position: DataPosition;
  /** Wall time of the update, waiting for its batch included. */
  readonly seconds: number;
  /** The samples of its batch, to name them where it goes wrong. */
  readonly samples: () => readonly string[];
};

/**
 * The host state after an update.
 *
 * @errors `NonFinite` when the loss, the gradient norm or the parameter norm is NaN or infinite.
 */
export const advance = (
  host: HostState,
  { measured, position, seconds, samples }: Update,
  measures: Interval,
): E.Either<NonFinite, HostState> => {
  const step = host.step + 1;
  for (const what of ['loss', 'grad_norm', 'param_norm'] as const) {
    const value = measured[what] ?? 0;
    if (!Number.isFinite(value)) return E.left({ _tag: 'NonFinite', step, what, value, samples: samples() });
  }
  return E.right({ step, position, interval: measures.step(host.interval, { ...measured, seconds }) });
};

/** The line of the updates since the last one, if there were any, and the state that begins the next interval. */
export const takeLine = (
  host: HostState,
  measures: Interval,
): { readonly line: O.Option<MetricLine>; readonly host: HostState } => ({
  line: intervalLine(measures.extract(host.interval), host.step),
  host: { ...host, interval: measures.empty },
});
