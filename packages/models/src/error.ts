/** A configuration that no model can be built from: which field, and what it must be. */
export type ModelError = {
  readonly _tag: 'BadModelConfig';
  /** Path of the field, keys joined by `.`. */
  readonly field: string;
  readonly reason: string;
};

/** A sentence that names the field and what is expected. */
export const showModelError = ({ field, reason }: ModelError): string => `model.${field} ${reason}`;

/** A {@link ModelError}. */
export const modelError = (field: string, reason: string): ModelError => ({ _tag: 'BadModelConfig', field, reason });
