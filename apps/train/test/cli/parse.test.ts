import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.js';
import { parseCommand } from '../../src/cli/parse.js';
import { presets } from '../../src/config/presets.js';

const parse = (line: string) => parseCommand(line.split(' ').filter(Boolean), '1.2.3');

const refusal = (line: string): string => {
  const parsed = parse(line);
  if (E.isRight(parsed)) return '';
  return parsed.left._tag === 'Refused' ? parsed.left.message : parsed.left.help;
};

const command = (line: string): unknown => {
  const parsed = parse(line);
  return E.isRight(parsed) && parsed.right._tag === 'Command' ? parsed.right.command : parsed;
};

const printed = (line: string): string => {
  const parsed = parse(line);
  return E.isRight(parsed) && parsed.right._tag === 'Text' ? parsed.right.text : '';
};

const nothing = { base: null, settings: [], flags: [] };

describe('laws', () => {
  it('every line is answered, never thrown at', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'train',
        'eval',
        'setup',
        'tfjs-native',
        '--set',
        '--json',
        '--steps',
        '--resume',
        '--',
        '-h',
        '',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const parsed = parseCommand(words, '1.2.3');
        expect(E.isLeft(parsed) ? parsed.left._tag : parsed.right._tag).not.toBe('');
      }),
    );
  });
});

describe('commands', () => {
  it.each([
    ['train', { _tag: 'Train', config: nothing, onExistingRun: 'refuse', memory: null, json: false }],
    [
      'train pi0-tiny --resume --json',
      { _tag: 'Train', config: { ...nothing, base: 'pi0-tiny' }, onExistingRun: 'resume', memory: null, json: true },
    ],
    ['train --overwrite', { _tag: 'Train', config: nothing, onExistingRun: 'overwrite', memory: null, json: false }],
    ['eval runs/a --data d', { _tag: 'Eval', checkpoint: 'runs/a', data: 'd', backend: null, mesh: null, json: false }],
    ['norm-stats --output n.json', { _tag: 'NormStats', config: nothing, output: 'n.json' }],
    [
      'config --set a=1 --set b.c=x',
      { _tag: 'Config', config: { ...nothing, settings: ['a=1', 'b.c=x'] }, only: null },
    ],
    ['doctor --json', { _tag: 'Doctor', config: nothing, json: true }],
    ['plan', { _tag: 'Plan', config: nothing, memory: null, compute: null, json: false }],
    [
      'plan pi0 --memory 80GB --compute bf16 --json',
      { _tag: 'Plan', config: { ...nothing, base: 'pi0' }, memory: 80e9, compute: 'bf16', json: true },
    ],
    [
      'fit-fast pi0-fast-tiny',
      { _tag: 'FitFast', config: { ...nothing, base: 'pi0-fast-tiny' }, output: 'fast', json: false },
    ],
    ['inspect runs/a --hashes none', { _tag: 'Inspect', checkpoint: 'runs/a', hashes: 'none', json: false }],
    [
      'convert a b --to lerobot --dtype BF16 --max-shard 5GB --live --asset-id trossen',
      {
        _tag: 'Convert',
        input: 'a',
        output: 'b',
        from: null,
        to: 'lerobot',
        dtype: 'BF16',
        maxShard: 5e9,
        allowNonFinite: false,
        live: true,
        assetId: 'trossen',
        headDim: undefined,
        imageHeads: undefined,
        json: false,
      },
    ],
    ['backends --backend wasm', { _tag: 'Backends', backend: 'wasm', json: false }],
    [
      'setup tfjs-native --cuda --package-installer',
      { _tag: 'SetupTfjsNative', cuda: true, packageInstaller: true, json: false },
    ],
    ['setup xla', { _tag: 'SetupXla', cuda: false, json: false }],
    ['setup xla --cuda --json', { _tag: 'SetupXla', cuda: true, json: true }],
    ['setup tfjs-native --cuda', { _tag: 'SetupTfjsNative', cuda: true, packageInstaller: false, json: false }],
  ])('%s', (line, expected) => {
    expect(command(line)).toEqual(expected);
  });

  it('flags are layers that remember their name', () => {
    const line =
      'train --out 7 --batch-size 3 --lr 1e-3 --seed 9 --data d --steps -4 --without-camera x --without-camera y';
    expect(command(line)).toMatchObject({
      config: {
        flags: [
          { origin: { flag: '--data' }, values: { data: { dir: 'd' } } },
          { origin: { flag: '--out' }, values: { out: '7' } },
          { origin: { flag: '--steps' }, values: { steps: -4 } },
          { origin: { flag: '--batch-size' }, values: { batchSize: 3 } },
          { origin: { flag: '--lr' }, values: { lrSchedule: { peakLr: 1e-3 } } },
          { origin: { flag: '--seed' }, values: { seed: 9 } },
          { origin: { flag: '--without-camera' }, values: { data: { withoutCameras: ['x', 'y'] } } },
        ],
      },
    });
  });
});

describe('refusals', () => {
  it.each([
    ['', 'Usage: torsor'],
    ['setup', 'Usage: torsor setup'],
    ['trian', "unknown command 'trian'\n(Did you mean train?)"],
    ['train --stpes 3', "unknown option '--stpes'\n(Did you mean --steps?)"],
    ['train --steps', "option '--steps <n>' argument missing"],
    ['train --resume --overwrite', "option '--resume' cannot be used with option '--overwrite'"],
    ['train a b', "too many arguments for 'train'"],
    ['eval', "missing required argument 'checkpoint'"],
    ['eval a --backend wsm', "option '--backend <name>' argument 'wsm' is invalid"],
    ['completion powershell', "'powershell' is invalid for argument 'shell'"],
    ['plan --memory much', '--memory: expected a size, such as 80GB or 79.6GiB; received "much"'],
    ['convert a b --max-shard 0GB', '--max-shard: expected a size'],
    ['convert a b --max-shard five', '--max-shard: expected a size, such as 80GB or 79.6GiB; received "five"'],
    ['convert a b --head-dim 2.5', '--head-dim: expected a whole number'],
    ['convert a b --image-heads 0', '--image-heads: expected at least 1'],
    ['convert a b --image-heads many', '--image-heads: expected a number'],
    ['train --out=', '--out: expected at least 1 characters'],
    ['inspect a --hashes=', "argument '' is invalid"],
  ])('torsor %s', (line, message) => {
    expect(refusal(line)).toContain(message);
  });
});

describe('texts', () => {
  it('help names every preset and every exit code', () => {
    for (const { name, description } of presets)
      expect(printed('--help')).toMatch(new RegExp(`^  ${name} {2,}${description.replaceAll('.', '\\.')}$`, 'mu'));
    for (const { code, meaning } of Object.values(exitCodes))
      expect(printed('--help')).toContain(`${code}`.padEnd(5) + meaning);
  });

  it('each command has its help', () => {
    for (const name of ['train', 'eval', 'norm-stats', 'config', 'backends', 'setup xla', 'completion']) {
      expect(printed(`${name} --help`)).toContain(`Usage: torsor ${name}`);
    }
  });

  it('the version', () => {
    expect(printed('--version')).toBe('1.2.3');
  });
});
