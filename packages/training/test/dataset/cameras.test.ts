import { type Dataset, type Feature, readDataset, sampleDatasetPath } from '@torsor/data';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { checkCameras } from '../../src/dataset/cameras.js';
import { showTrainingError } from '../../src/error.js';
import { right } from '../right.js';
import { tinyModel, tinySettings } from '../settings.js';

const [top, wrist] = ['observation.images.top', 'observation.images.wrist'] as const;

const datasetOf = async (cameras: { readonly [name: string]: 'image' | 'video' }): Promise<Dataset> => {
  const sample = right(await readDataset(sampleDatasetPath(), { withoutCameras: 'all', episodes: [0] })());
  const feature = (dtype: string): Feature => ({ dtype, shape: [4, 4, 3], names: [], note: null });
  const added = Object.entries(cameras).map(([name, dtype]) => [name, feature(dtype)] as const);
  return { ...sample, cameras: Object.keys(cameras), features: new Map([...sample.features, ...added]) };
};

/** What is said of a dataset's cameras and a model's: a refusal, or warnings. */
const said = async (
  cameras: { readonly [name: string]: 'image' | 'video' },
  model: readonly string[],
  mapping: { readonly [camera: string]: string | null },
): Promise<string> => {
  const settings = tinySettings(tinyModel('pi0', { cameras: model }));
  const config = { ...settings, data: { ...settings.data, cameras: mapping } };
  const checked = checkCameras(await datasetOf(cameras), config);
  return E.isLeft(checked) ? showTrainingError(checked.left).join('\n') : checked.right.join('\n');
};

const both = { [top]: 'image', [wrist]: 'image' } as const;

describe('checkCameras', () => {
  it('says nothing where every camera is told what it sees', async () => {
    expect(await said(both, ['base_0_rgb', 'wrist'], { base_0_rgb: top, wrist })).toBe('');
    expect(await said({}, [], {})).toBe('');
    expect(await said({ [top]: 'image' }, ['base_0_rgb', 'wrist'], { base_0_rgb: top, wrist: null })).toBe('');
  });

  it('asks what the cameras of the model see, with the likely ones', async () => {
    expect(await said(both, ['base_0_rgb', 'left_wrist_0_rgb'], {})).toBe(
      `data.cameras does not say what base_0_rgb, left_wrist_0_rgb of the model sees; the dataset has ${top}, ${wrist}. For example data.cameras.base_0_rgb=${top} data.cameras.left_wrist_0_rgb=${wrist}, where null is a camera that is absent`,
    );
  });

  it('refuses pictures that nobody sees, with the setting', async () => {
    expect(await said(both, ['base_0_rgb'], { base_0_rgb: top })).toBe(
      `no camera of the model sees ${wrist} of the dataset: train without by data.withoutCameras=["${wrist}"]`,
    );
    expect(await said(both, [], {})).toContain('reads no pictures, but the dataset has');
  });

  it('takes videos as it takes images', async () => {
    expect(await said({ [top]: 'video' }, ['base_0_rgb'], { base_0_rgb: top })).toBe('');
    expect(await said({ [top]: 'video' }, ['base_0_rgb'], {})).toContain('data.cameras does not say what base_0_rgb');
    expect(await said({ [top]: 'video' }, ['base_0_rgb'], { base_0_rgb: null })).toContain(
      `no camera of the model sees ${top} of the dataset`,
    );
  });

  it('refuses a feature that was left out, and warns of a model that sees nothing', async () => {
    expect(await said({}, ['base_0_rgb'], { base_0_rgb: top })).toContain('or was read without them');
    expect(await said({}, ['base_0_rgb'], {})).toContain('is shown no pictures');
  });

  it('guesses nothing that another camera is shown', async () => {
    expect(await said(both, ['base_0_rgb', 'top_view'], { base_0_rgb: top })).toContain(
      'For example data.cameras.top_view=null,',
    );
  });

  it('names a camera of the model that is free to see what nobody sees', async () => {
    expect(await said(both, ['base_0_rgb', 'hand'], { base_0_rgb: top, hand: null })).toBe(
      `no camera of the model sees ${wrist} of the dataset: train without by data.withoutCameras=["${wrist}"], or show it to the model: data.cameras.hand=${wrist}`,
    );
  });
});
