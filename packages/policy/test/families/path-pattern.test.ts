import { describe, expect, it } from 'vitest';
import { pathPattern, wholePath } from '../../src/index.js';

describe('patterns of paths', () => {
  it('match a path as a whole', () => {
    expect(wholePath('a/b|c').test('c')).toBe(true);
    for (const other of ['a/b/c', 'xc', 'cx', 'a/bc']) expect(wholePath('a/b|c').test(other)).toBe(false);
  });

  it.each(['(', 'a{', '\\-', '[', ''])('%j is refused, not thrown at later', (pattern) => {
    expect(pathPattern.safeParse(pattern).success).toBe(false);
  });

  it.each(['.*', 'PaliGemma/.*', '.*(attn|mlp).*', '.*\\d+'])('%j is one', (pattern) => {
    expect(pathPattern.safeParse(pattern).success).toBe(true);
    expect(() => wholePath(pattern)).not.toThrow();
  });
});
