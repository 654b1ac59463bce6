import type { MetricLine } from '@torsor/metrics';

/** How far a run is. */
export type Progress = {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly stepsPerSecond: number;
  readonly remainingSeconds: number;
};

/** What a command has to say; a reporter decides how it looks. */
export type Event =
  | { readonly _tag: 'Log'; readonly message: string }
  | { readonly _tag: 'Warning'; readonly message: string }
  | { readonly _tag: 'Failure'; readonly message: string; readonly code: number }
  /** After every update; those that are not `logged` are for a bar alone. */
  | ({ readonly _tag: 'Progress'; readonly logged: boolean } & Progress)
  | { readonly _tag: 'Metrics'; readonly line: MetricLine }
  | { readonly _tag: 'Result'; readonly text: string; readonly data: unknown };

/** Takes events until it is closed. */
export type Reporter = { readonly report: (event: Event) => void; readonly close: () => void };
