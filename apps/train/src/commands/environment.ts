import type { Event } from '../terminal/event.js';

/** What commands may see of the process. */
export type CommandEnv = {
  readonly report: (event: Event) => void;
  readonly env: { readonly [name: string]: string | undefined };
  /** The user's folder, whose own packages are looked at too. */
  readonly project: string;
};
