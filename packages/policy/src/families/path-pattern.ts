import * as z from 'zod';

const compiles = (pattern: string): boolean => {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
};

/** A regular expression for paths of parameters, as `wholePath` reads it. */
export const pathPattern = z.string().min(1).refine(compiles, { error: 'a regular expression' });

/** What matches a path from its first character to its last. @throws for what `pathPattern` refuses. */
export const wholePath = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'u');
