import { flagLayer, knownPaths, type SettingsError, showSettingsError } from '@torsor/settings';
import { ignorableSettings } from '@torsor/training';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { fileJsonSchema } from '../../src/config/json-schema.js';
import { presets } from '../../src/config/presets.js';
import { type ConfigRequest, defaultRequest, resolveConfig } from '../../src/config/resolve.js';

const errorsOf = (request: Partial<ConfigRequest>): readonly SettingsError[] => {
  const result = resolveConfig({ ...defaultRequest, ...request });
  return E.isLeft(result) ? result.left : [];
};

const shown = (request: Partial<ConfigRequest>): readonly string[] => errorsOf(request).map(showSettingsError);

const valid = (request: Partial<ConfigRequest>) => {
  const result = resolveConfig({ ...defaultRequest, ...request });
  if (E.isLeft(result)) throw new Error(result.left.map(showSettingsError).join('\n'));
  return result.right;
};

const file = (content: unknown): ConfigRequest['base'] => ({
  _tag: 'File',
  path: 'my/robot.json',
  text: typeof content === 'string' ? content : JSON.stringify(content),
});

describe('laws', () => {
  it.each(presets.map((preset) => preset.name))(
    'preset %s resolves, and decoding its result changes nothing',
    (name) => {
      const config = valid({ base: { _tag: 'Preset', name } });
      expect(config.name).toBe(name);
      expect(valid({ base: file(config) })).toEqual(config);
    },
  );

  it('flag over --set over file over preset over defaults', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e6 }),
        (a, b, c) => {
          const base = file({ preset: 'pi0-tiny', steps: a, seed: a, batchSize: 2 });
          const settings = [`steps=${b}`, `logInterval=${b}`];
          const config = valid({ base, settings, flags: [flagLayer('--steps', ['steps'], c)] });
          expect([config.steps, config.logInterval, config.seed, config.batchSize]).toEqual([c, b, a, 2]);
          expect(config.evalInterval).toBe(10);
        },
      ),
    );
  });

  it('any JSON document is answered, never thrown at', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(E.isLeft(resolveConfig({ ...defaultRequest, base: file(text) }))).toBe(true);
      }),
    );
  });

  it('any value at any key is decoded or refused in words', () => {
    const keys = Object.keys(valid({}));
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        const errors = errorsOf({ base: file({ preset: 'pi0-tiny', [key]: value }) });
        for (const error of errors) expect(showSettingsError(error)).toContain(': ');
      }),
    );
  });
});

describe('image towers', () => {
  const picturesOf = (siglip: unknown, imageSize: readonly number[]) => ({
    base: file({ preset: 'pi0-tiny', model: { cameras: ['base_0_rgb'], siglip, imageSize } }),
  });

  it('take any patch that divides the picture', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('mu', 'P', 'N', 'Ti'),
        fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
        (size, [patch, rows, columns]) => {
          const siglip = `${size}/${patch}`;
          expect(valid(picturesOf(siglip, [patch * rows, patch * columns])).model.siglip).toBe(siglip);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    ['Ti/14', [48, 32], 'patches of 14 pixels do not divide model.imageSize = [48, 32]; the nearest that do: Ti/16'],
    ['mu', [30, 45], 'patches of 16 pixels do not divide model.imageSize = [30, 45]; the nearest that do: mu/15'],
    ['Tiny/16', [32, 32], "'Tiny/16' is no SigLIP variant; the nearest is 'Ti/16'"],
    ['N/0', [32, 32], "'N/0' must be a size and the side of a patch, such as 'N/14'"],
    [16, [32, 32], 'expected text'],
  ])('%j is refused for pictures of %j: %s', (siglip, imageSize, message) => {
    const found = shown(picturesOf(siglip, imageSize));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('model.siglip');
    expect(found[0]).toContain(message);
  });

  it('mean nothing without cameras: whoever names one is told', () => {
    const base = file({ preset: 'pi0-tiny', model: { siglip: 'Ti/14', imageSize: [48, 32] } });
    expect(shown({ base })).toEqual([
      'model.siglip is ignored (my/robot.json): model.cameras names none; remove it, or name some',
      'model.imageSize is ignored (my/robot.json): model.cameras names none; remove it, or name some',
    ]);
  });
});

describe('refusals', () => {
  it('names every error at once, with its path, its origin and the nearest key', () => {
    const base = file({ preset: 'pi0-tiny', batch_size: 3, seed: 'x', optimizer: { kind: 'adamw', b1: 2 } });
    expect(
      shown({
        base,
        settings: ['steps=-4', 'model.paligema.depth=3'],
        flags: [flagLayer('--backend', ['backend'], 'wsm')],
      }),
    ).toEqual([
      'seed: expected a number, received "x" (my/robot.json)',
      'model.paligema: unknown key (--set model.paligema.depth=3); did you mean model.paligemma?',
      'steps: expected at least 1, received -4 (--set steps=-4)',
      'optimizer.b1: expected below 1, received 2 (my/robot.json)',
      'backend: expected one of "auto", "reference", "wasm", "tfjs-node", "tfjs-node-gpu", "xla", received "wsm" (--backend)',
      'batch_size: unknown key (my/robot.json); did you mean batchSize?',
    ]);
  });

  it.each([
    ['lr', 'lrSchedule.peakLr'],
    ['b1', 'optimizer.b1'],
    ['deltaActionMask', 'data.deltaActionMask'],
    ['model.steps', 'steps'],
    ['optimiser', 'optimizer'],
    ['lrSchedule.decay_steps', 'lrSchedule.decaySteps'],
  ])('%s is taken for %s', (given, meant) => {
    expect(shown({ settings: [`${given}=0.5`] })).toEqual([
      `${given}: unknown key (--set ${given}=0.5); did you mean ${meant}?`,
    ]);
  });

  it('finds a key in another place, and lists the known ones where nothing is near', () => {
    expect(shown({ settings: ['peakLr=1'] })).toEqual([
      'peakLr: unknown key (--set peakLr=1); did you mean lrSchedule.peakLr?',
    ]);
    expect(shown({ settings: ['lrSchedule.zzzzzz=1'] })).toEqual([
      'lrSchedule.zzzzzz: unknown key (--set lrSchedule.zzzzzz=1); known here: kind, warmupSteps, peakLr, decaySteps, decayLr',
    ]);
  });

  it('refuses what openpi would silently ignore in sgd', () => {
    const errors = errorsOf({ settings: ['optimizer.kind=sgd', 'optimizer.lr=0.1', 'optimizer.clipGradientNorm=1'] });
    expect(errors.map((error) => error._tag)).toEqual(['IgnoredKey', 'IgnoredKey']);
    expect(errors.map(showSettingsError).join()).toContain("the learning rate is lrSchedule's");
  });

  it('refuses experts that cannot share attention, and parts that do not divide', () => {
    expect(
      shown({
        base: { _tag: 'Preset', name: 'pi0-tiny' },
        settings: ['model.actionExpert.depth=3', 'model.paligemma.numKvHeads=3'],
      }),
    ).toEqual([
      'model.actionExpert.depth: 3 differs from model.paligemma.depth = 2; the two experts share attention (--set model.actionExpert.depth=3)',
      'model.actionExpert.numKvHeads: 1 differs from model.paligemma.numKvHeads = 3; the two experts share attention (preset pi0-tiny)',
      'model.paligemma.numKvHeads: 3 does not divide numHeads = 2 (--set model.paligemma.numKvHeads=3)',
    ]);
    expect(shown({ settings: ['gradientAccumulation=3'] })[0]).toMatch(
      /^gradientAccumulation: 3 does not divide batchSize/,
    );
  });

  it.each([
    ['steps', 'has no ='],
    ['=1', 'has an empty key'],
    ['a..b=1', 'has an empty key'],
  ])('--set %s is refused', (text, reason) => {
    expect(shown({ settings: [text] })[0]).toContain(reason);
  });

  it.each([
    ['{', 'my/robot.json: not JSON'],
    ['[]', 'my/robot.json: expected one JSON object'],
    ['{"preset": 3}', 'preset: expected a preset name, received 3'],
    ['{"preset": "pi0-tyny"}', 'unknown preset "pi0-tyny" (my/robot.json); did you mean pi0-tiny?'],
    ['{"preset": "pi0-tiny", "__proto__": {"seed": 1}}', '__proto__: unknown key'],
    ['{"preset": "pi0-tiny", "freeze": ["("]}', 'freeze[0]: expected a regular expression, received "("'],
    // An expression without the flag `u`, which is how it would be read.
    ['{"preset": "pi0-tiny", "freeze": ["a{"]}', 'freeze[0]: expected a regular expression, received "a{"'],
    ['{"preset": "pi0-tiny", "data": {"heldOut": 1.5}}', 'data.heldOut: expected a fraction below 1'],
    ['{"preset": "pi0-tiny", "data": {"units": 3}}', 'data.units: expected text or a list, received 3'],
    [
      '{"preset": "pi0-tiny", "data": {"withoutCameras": [3]}}',
      'data.withoutCameras: expected one of "all" or a list of text',
    ],
    ['{}', 'model: missing'],
    ['{"preset": "pi0-tiny", "name": {"toString": null}}', 'name: expected text, received {"toString":null}'],
  ])('the file %s is refused', (text, message) => {
    expect(shown({ base: file(text) })[0]).toContain(message);
  });
});

describe('layers', () => {
  it('another kind drops the fields of the old one, whatever the order of --set', () => {
    const sgd = { kind: 'sgd', momentum: 0.5, nesterov: false };
    const settings = ['optimizer.momentum=0.5', 'optimizer.kind=sgd'];
    expect(valid({ settings }).optimizer).toEqual(sgd);
    expect(valid({ settings: settings.toReversed() }).optimizer).toEqual(sgd);
  });

  it('a field of the default kind needs no kind', () => {
    expect(valid({ settings: ['optimizer.b1=0.8'] }).optimizer).toMatchObject({ kind: 'adamw', b1: 0.8 });
  });

  it('the settings of the embedded sample leave with it', () => {
    expect(valid({}).data.withoutCameras).toEqual(['observation.images.cam_high']);
    const own = valid({ flags: [flagLayer('--data', ['data', 'dir'], '/robot')] });
    expect(own.data).toMatchObject({ dir: '/robot', withoutCameras: [], deltaActionMask: null, units: null });
  });

  it('the folder follows the name', () => {
    expect(valid({ settings: ['name=first'] }).out).toBe('runs/first');
    expect(valid({ base: file({ preset: 'pi0-tiny' }) }).out).toBe('runs/pi0-tiny');
  });
});

describe('what would be ignored', () => {
  const fast = { _tag: 'Preset', name: 'pi0-fast-tiny' } as const;

  it('is refused where the user says it, on the command line or in a file', () => {
    const reason =
      'a policy that writes tokens takes no Euler steps; remove it, or take a policy by flow matching, pi0 or pi05';
    const flags = [flagLayer('--sampling', ['numSamplingSteps'], 4)];
    expect(shown({ base: fast, settings: ['numSamplingSteps=3'] })).toEqual([
      `numSamplingSteps is ignored (--set numSamplingSteps=3): ${reason}`,
    ]);
    expect(shown({ base: fast, flags })).toEqual([`numSamplingSteps is ignored (--sampling): ${reason}`]);
    expect(shown({ base: file({ preset: 'pi0-fast-tiny', numSamplingSteps: 3 }) })).toEqual([
      `numSamplingSteps is ignored (my/robot.json): ${reason}`,
    ]);
    expect(shown({ settings: ['numSamplingSteps=3'] })).toEqual([]);
  });

  it("is not where a preset says it, or a run's own configuration, which has every field", () => {
    // The preset says the scale and the size of what is fitted.
    const settings = ['model.fast.path=somewhere'];
    const config = valid({ base: fast, settings });
    expect(config.model).toMatchObject({ fast: { path: 'somewhere', scale: 4, vocabSize: 512 } });
    expect(valid({ base: file(config) })).toEqual(config);
    expect(shown({ base: file(config), settings: ['model.fast.scale=4'] })).toEqual([
      'model.fast.scale is ignored (--set model.fast.scale=4): the tokenizer of model.fast.path has its own; remove it, or remove model.fast.path, to have one fitted',
    ]);
    // Not a run's own: a file of whoever changes a preset, however much it says.
    expect(shown({ base: file({ preset: 'pi0-fast-tiny', ...config }) })).toContain(
      'model.fast.scale is ignored (my/robot.json): the tokenizer of model.fast.path has its own; remove it, or remove model.fast.path, to have one fitted',
    );
  });

  it('has paths that the configuration of some family has', () => {
    const known = ['pi0-tiny', 'pi0-fast-tiny'].flatMap((name) => [
      ...knownPaths(fileJsonSchema([]), valid({ base: { _tag: 'Preset', name } })),
      ...knownPaths(fileJsonSchema([]), { optimizer: { kind: 'sgd' } }),
    ]);
    expect(known).toEqual(expect.arrayContaining(ignorableSettings.map(({ path }) => path)));
  });
});
