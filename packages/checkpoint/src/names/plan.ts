/** Shapes by name. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** Consecutive elements of a source tensor, to be written with their axes in another order. */
export type Slice = {
  readonly source: string;
  /** Elements of the source before the slice. */
  readonly offset: number;
  /** Sizes of the slice's axes as the source has them. */
  readonly shape: readonly number[];
  /** For each axis written, the source's axis. */
  readonly order: readonly number[];
};

/** A tensor to be written: its slices one after another, or zeros where there are none. */
export type PlannedTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly slices: readonly Slice[];
};

/** A name whose shape cannot be that of the model. */
export type Misshaped = {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
};

/** Every key that keeps a conversion from being one to one; all lists are empty when it is. */
export type NameDifference = {
  /** Names that the model needs and the source lacks. */
  readonly missing: readonly string[];
  /** Names of the source that the map does not know. */
  readonly unused: readonly string[];
  readonly misshaped: readonly Misshaped[];
};

/** How a file's tensors become those of another format. */
export type ConversionPlan = {
  readonly tensors: readonly PlannedTensor[];
  /** Two names of one tensor in the source: their bytes must agree, and the first is read. */
  readonly tied: readonly (readonly [kept: string, duplicate: string])[];
  /** Names under which the reader also knows a written tensor; a file stores each tensor once. */
  readonly aliases: { readonly [alias: string]: string };
  /** Tensors that no computation reads: left out of an import, written as zeros by an export. */
  readonly unread: readonly { readonly name: string; readonly why: string }[];
};

/** Shape as messages print it. */
export const showShape = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** Whether nothing stands in the way of a conversion. */
export const agrees = ({ missing, unused, misshaped }: NameDifference): boolean =>
  missing.length + unused.length + misshaped.length === 0;
