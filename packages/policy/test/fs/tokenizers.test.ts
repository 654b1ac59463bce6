import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedTokenizer, fastTokenizer } from '@torsor/tokenizer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCodec, readFastFiles, readTextTokenizer } from '../../src/index.js';
import { fastFiles, processor } from '../fast-files.js';
import { left, right } from '../right.js';

/** A byte-pair tokenizer of four marks and two letters. */
const small = JSON.stringify({
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: {
    type: 'BPE',
    vocab: { '<pad>': 0, '<eos>': 1, '<bos>': 2, '<unk>': 3, a: 4, b: 5 },
    merges: [],
    unk_token: '<unk>',
  },
});

let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'torsor-tokenizers-'));
  await writeFile(join(dir, 'small.json'), small);
  await writeFile(join(dir, 'small.model'), small);
  await writeFile(join(dir, 'processor_config.json'), fastFiles['processor_config.json']);
  await writeFile(join(dir, 'tokenizer.json'), fastFiles['tokenizer.json']);
});

afterAll(() => rm(dir, { recursive: true }));

const plain = { addBos: false, addEos: false };

describe('readTextTokenizer', () => {
  it('is the embedded one where no path is given', async () => {
    const found = right(await readTextTokenizer(null)());
    const embedded = right(embeddedTokenizer());
    expect(found.vocabSize).toBe(512);
    expect(found.encode('pick up', plain)).toEqual(embedded.encode('pick up', plain));
  });

  it('reads a tokenizer.json by its ending, and everything else as a model of SentencePiece', async () => {
    const { vocabSize, encode } = right(await readTextTokenizer(join(dir, 'small.json'))());
    expect([vocabSize, encode('ab', plain)]).toEqual([6, { _tag: 'Right', right: [4, 5] }]);
    expect(left(await readTextTokenizer(join(dir, 'small.model'))())).toMatchObject({ _tag: 'Tokenizer' });
  });

  it('names a file that is not there, and one that is none', async () => {
    const path = join(dir, 'none.json');
    expect(left(await readTextTokenizer(path)())).toEqual({
      _tag: 'NotReadable',
      path,
      reason: expect.stringContaining('ENOENT'),
    });
    expect(left(await readTextTokenizer(join(dir, 'processor_config.json'))())).toMatchObject({
      _tag: 'Tokenizer',
      error: { _tag: 'BadVocabulary' },
    });
  });
});

describe('the tokenizer of a folder', () => {
  const settings = { path: null, scale: 1, vocabSize: 1, onOutOfRange: 'clamp' } as const;

  it('is the one that was saved there', async () => {
    expect(right(await readFastFiles(dir)())).toEqual(fastFiles);
    const { tokenizer, files } = right(await readCodec(dir, settings)());
    const chunk = { shape: [2, 2] as const, data: Float64Array.of(0.25, 0.5, 0.25, -0.5) };
    expect(files).toEqual(fastFiles);
    expect(right(tokenizer.encode(chunk))).toEqual(right(fastTokenizer(processor).encode(chunk)));
  });

  it.each(['processor_config.json', 'tokenizer.json'] as const)('misses %s by name', async (name) => {
    const folder = await mkdtemp(join(dir, 'part-'));
    const other = name === 'tokenizer.json' ? 'processor_config.json' : 'tokenizer.json';
    await writeFile(join(folder, other), fastFiles[other]);
    const path = join(folder, name);
    expect(left(await readFastFiles(folder)())).toMatchObject({ _tag: 'NotReadable', path });
    expect(left(await readCodec(folder, settings)())).toMatchObject({ _tag: 'NotReadable', path });
  });

  it('is refused where its files are none', async () => {
    const folder = await mkdtemp(join(dir, 'bad-'));
    await writeFile(join(folder, 'processor_config.json'), '{}');
    await writeFile(join(folder, 'tokenizer.json'), fastFiles['tokenizer.json']);
    expect(left(await readCodec(folder, settings)())).toMatchObject({
      _tag: 'Tokenizer',
      error: { _tag: 'BadProcessor', file: 'processor_config.json' },
    });
  });
});
