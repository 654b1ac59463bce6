import type * as z from 'zod';

const params = { inconsistent: true };

/** Records that well-typed fields disagree; `path` is relative to the object being checked. */
export const refuse = (context: z.core.$RefinementCtx, path: readonly string[], message: string): void =>
  context.addIssue({ code: 'custom', path: [...path], message, params });

/** True for an issue that `refuse` recorded, false for one about a single value. */
export const isInconsistency = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'custom' && issue.params?.['inconsistent'] === true;
