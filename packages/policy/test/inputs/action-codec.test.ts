import { fastTokenizer } from '@torsor/tokenizer';
import { describe, expect, it } from 'vitest';
import { codecOf } from '../../src/index.js';
import { fastFiles, processor } from '../fast-files.js';
import { left, right } from '../right.js';

const chunk = { shape: [2, 2] as const, data: Float64Array.of(0.25, 0.5, 0.25, -0.5) };

/** Far beyond what the tokenizer was fitted on. */
const wild = { shape: [2, 2] as const, data: Float64Array.of(90, 0.5, 0.5, -90) };

describe('codecOf', () => {
  it('is the tokenizer whose files it is given, and keeps them', () => {
    const { tokenizer, files } = right(codecOf(fastFiles, { onOutOfRange: 'refuse' }));
    expect(files).toBe(fastFiles);
    expect(tokenizer.vocabSize).toBe(fastTokenizer(processor).vocabSize);
    expect(right(tokenizer.encode(chunk))).toEqual(right(fastTokenizer(processor).encode(chunk)));
  });

  it('refuses motions that it has no token for, or takes the nearest and counts them', () => {
    const refusing = right(codecOf(fastFiles, { onOutOfRange: 'refuse' }));
    expect(left(refusing.tokenizer.encode(wild))).toMatchObject({ _tag: 'CoefficientOutOfRange' });
    expect(right(refusing.nearest.encodeCounted(wild)).clamped).toBeGreaterThan(0);
    const clamping = right(codecOf(fastFiles, { onOutOfRange: 'clamp' }));
    expect(right(clamping.tokenizer.encodeCounted(wild)).clamped).toBeGreaterThan(0);
  });

  it('names the file that is none of a tokenizer', () => {
    const broken = { ...fastFiles, 'processor_config.json': '{}' };
    expect(left(codecOf(broken, { onOutOfRange: 'refuse' }))).toMatchObject({
      _tag: 'BadProcessor',
      file: 'processor_config.json',
    });
  });
});
