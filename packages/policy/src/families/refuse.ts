import type * as z from 'zod';

const params = { inconsistent: true };

/** Records that well-typed settings disagree; `path` is relative to the object being checked. */
export const refuseSettings = (context: z.core.$RefinementCtx, path: readonly string[], message: string): void =>
  context.addIssue({ code: 'custom', path: [...path], message, params });

/** True for an issue that `refuseSettings` recorded, false for one about a single value. */
export const isInconsistency = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'custom' && issue.params?.['inconsistent'] === true;
