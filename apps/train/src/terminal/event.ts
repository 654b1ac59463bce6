import type { TrainingEvent } from '@torsor/training';

/** What a command has to say; a reporter decides how it looks. */
export type Event =
  | { readonly _tag: 'Log'; readonly message: string }
  | { readonly _tag: 'Warning'; readonly message: string }
  | { readonly _tag: 'Failure'; readonly message: string; readonly code: number }
  /** Progress comes after every update; those that are not `logged` are for a bar alone. */
  | TrainingEvent
  | { readonly _tag: 'Result'; readonly text: string; readonly data: unknown };

/** Takes events until it is closed. */
export type Reporter = { readonly report: (event: Event) => void; readonly close: () => void };
