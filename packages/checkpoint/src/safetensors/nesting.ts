import { endOfString } from './duplicate-key.js';

/**
 * Whether brackets of a text, outside of its strings, nest deeper than a limit. To be asked before the text is parsed: a
 * hundred million open brackets would take gigabytes.
 */
export const nestsDeeper = (json: string, limit: number): boolean => {
  let depth = 0;
  let i = 0;
  while (i < json.length) {
    const c = json[i];
    if (c === '{' || c === '[') depth += 1;
    else if (c === '}' || c === ']') depth -= 1;
    if (depth > limit) return true;
    i = c === '"' ? endOfString(json, i) : i + 1;
  }
  return false;
};
