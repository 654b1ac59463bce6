import * as E from 'fp-ts/lib/Either.js';

/** A request to stop, by signal. */
export type Interrupted = { readonly _tag: 'Interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' };

/** The part of `process` that delivers signals. */
export type SignalSource = {
  readonly on: (signal: Interrupted['signal'], listener: () => void) => unknown;
  readonly off: (signal: Interrupted['signal'], listener: () => void) => unknown;
};

/** What a loop polls between steps, and how to stop listening. */
export type Interrupts = {
  readonly poll: () => E.Either<Interrupted, void>;
  readonly close: () => void;
};

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Listens for SIGINT and SIGTERM. The first is remembered for `poll` and told to `onFirst`; any further one goes to `onSecond`,
 * which ends the process. Signals arrive only while the event loop turns, so a loop of synchronous steps must yield to it.
 */
export const watchInterrupts = (
  source: SignalSource,
  onFirst: (interrupted: Interrupted) => void,
  onSecond: (interrupted: Interrupted) => void,
): Interrupts => {
  let state: E.Either<Interrupted, void> = E.right(undefined);
  const listeners = signals.map((signal) => ({
    signal,
    listener: (): void => {
      const interrupted: Interrupted = { _tag: 'Interrupted', signal };
      const first = E.isRight(state);
      if (first) state = E.left(interrupted);
      (first ? onFirst : onSecond)(interrupted);
    },
  }));
  for (const { signal, listener } of listeners) source.on(signal, listener);
  return {
    poll: () => state,
    close: () => {
      for (const { signal, listener } of listeners) source.off(signal, listener);
    },
  };
};
