/** Where a JSON string ends that begins at `start`: the place after its closing quote. */
export const endOfString = (json: string, start: number): number => {
  let i = start + 1;
  while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i + 1;
};

const isKey = (json: string, end: number): boolean => {
  let i = end;
  while (' \t\n\r'.includes(json[i] ?? '.')) i += 1;
  return json[i] === ':';
};

/**
 * The first key that one object of a JSON text repeats. `JSON.parse` keeps the last of two equal keys without a word.
 *
 * @param json - a text that `JSON.parse` has accepted.
 */
export const duplicateKey = (json: string): string | undefined => {
  const open: Set<string>[] = [];
  let i = 0;
  while (i < json.length) {
    const c = json[i];
    if (c === '{') open.push(new Set());
    else if (c === '}') open.pop();
    if (c !== '"') {
      i += 1;
      continue;
    }
    const end = endOfString(json, i);
    if (isKey(json, end)) {
      const key = String(JSON.parse(json.slice(i, end)));
      const keys = open.at(-1);
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    }
    i = end;
  }
  return undefined;
};
