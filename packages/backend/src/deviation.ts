/** A place where a backend does not compute what the reference defines. */
export type Deviation = {
  /** Names of backends, with the device where it matters. */
  readonly backends: readonly string[];
  /** Primitives concerned; `*` for all. */
  readonly primitives: readonly string[];
  readonly where: string;
  readonly what: string;
  readonly reason: string;
};
