import { describe, expect, it } from 'vitest';
import { ignorableSettings, type ReadSettings } from '../src/index.js';
import { tinyModel, tinySettings } from './settings.js';

type Changes = {
  readonly model?: ReadSettings['model'];
  readonly data?: Partial<ReadSettings['data']>;
} & Partial<Omit<ReadSettings, 'model' | 'data'>>;

const settings = ({ data, ...changes }: Changes = {}): ReadSettings => {
  const tiny = tinySettings();
  return { ...tiny, mesh: null, ...changes, data: { ...tiny.data, stats: null, ...data } };
};

const ignoredOf = (changes: Changes): ReadonlySet<string> =>
  new Set(ignorableSettings.flatMap(({ path, isIgnored }) => (isIgnored(settings(changes)) ? [path] : [])));

const seeing = (kind: 'pi0' | 'pi0-fast', more: object = {}): ReadSettings['model'] =>
  tinyModel(kind, { cameras: ['base', 'wrist'], imageSize: [16, 16], siglip: 'mu/16', ...more });

const factors = { attn: { rank: 2, alpha: 2 }, ffn: null };
const expert = tinyModel('pi0').paligemma;
const both = { base: 'top', wrist: 'hand' };
const sgd = { kind: 'sgd', momentum: 0.9, nesterov: true } as const;

/** For each path settings under which it is ignored, and settings under which it is read. */
const cases: readonly (readonly [path: string, ignored: readonly Changes[], read: readonly Changes[]])[] = [
  ['model.siglip', [{}], [{ model: seeing('pi0') }, { model: seeing('pi0-fast') }]],
  ['model.imageSize', [{}], [{ model: seeing('pi0') }]],
  ['data.augment', [{}], [{ model: seeing('pi0') }]],
  ['data.jitter', [{}, { model: seeing('pi0'), data: { augment: false } }], [{ model: seeing('pi0') }]],
  [
    'model.absentCameras',
    [{ model: tinyModel('pi0-fast') }, { model: seeing('pi0-fast'), data: { cameras: both } }],
    [{ model: seeing('pi0-fast'), data: { cameras: { ...both, wrist: null } } }, { model: seeing('pi0-fast') }],
  ],
  [
    'model.lora',
    [{}, { model: tinyModel('pi0-fast') }],
    [
      { model: tinyModel('pi0', { paligemma: { ...expert, lora: factors } }) },
      { model: tinyModel('pi0', { actionExpert: { ...expert, lora: factors } }) },
      { model: tinyModel('pi0-fast', { paligemma: { ...expert, lora: factors } }) },
    ],
  ],
  ...['model.fast.scale', 'model.fast.vocabSize'].map(
    (path) =>
      [
        path,
        [{ model: tinyModel('pi0-fast', { fast: { path: 'somewhere' } }) }],
        [{ model: tinyModel('pi0-fast') }],
      ] as const,
  ),
  ['model.temperature', [{ evalSamples: 1 }], [{ evalSamples: 2 }]],
  ['numSamplingSteps', [{ model: tinyModel('pi0-fast') }], [{}, { model: tinyModel('pi05') }]],
  ['frozenDtype', [{}], [{ freeze: ['a'] }, { freezeForLora: true }]],
  ['fsdpMinBytes', [{}, { mesh: 'data=2' }], [{ mesh: 'fsdp=2' }, { mesh: 'data=2,fsdp=2' }]],
  ['data.quantiles', [{ data: { stats: 'norm_stats.json' } }], [{}]],
  ['optimizer.nesterov', [{ optimizer: { ...sgd, momentum: 0 } }], [{ optimizer: sgd }, {}]],
];

describe('settings that others leave unread', () => {
  it.each(cases)('%s', (path, ignored, read) => {
    for (const changes of ignored) expect(ignoredOf(changes)).toContain(path);
    for (const changes of read) expect(ignoredOf(changes)).not.toContain(path);
  });

  it('are all of these, each with words that go into one sentence', () => {
    expect(new Set(ignorableSettings.map(({ path }) => path))).toEqual(new Set(cases.map(([path]) => path)));
    for (const { reason, remedy } of ignorableSettings) expect(`${reason}; ${remedy}`).toMatch(/^[a-z].*[^.]$/u);
  });
});
