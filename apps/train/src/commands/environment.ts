import type { Typed } from '@torsor/backends';
import type { SignalSource } from '../run/interrupt.js';
import type { Event } from '../terminal/event.js';

/** What commands may see of the process. */
export type CommandEnv = {
  readonly report: (event: Event) => void;
  readonly env: { readonly [name: string]: string | undefined };
  /** A command of ours as the user types it, for hints. */
  readonly typed: Typed;
  /** The user's folder, whose own packages are looked at too. */
  readonly project: string;
  /** Of this program. */
  readonly version: string;
  /** Seconds of a monotonic clock. */
  readonly clock: () => number;
  readonly now: () => Date;
  /** Bytes this process holds. */
  readonly memory: () => number;
  /** Bytes this machine, or this process's share of it, has. */
  readonly totalMemory: () => number;
  readonly signals: SignalSource;
  /** Lets signals and timers in. */
  readonly breathe: () => Promise<void>;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
};
