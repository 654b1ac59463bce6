/**
 * A value for every count of updates done so far: `schedule(0)` is the value of the first update.
 *
 * @source optax `Schedule`.
 */
export type Schedule = (count: number) => number;
