import {
  type AugmentationInputs,
  augmentationInputs,
  augmentImages,
  type CameraImages,
  type ImageSize,
  isWristCamera,
  preprocessImages,
} from '@torsor/models';
import { key } from '@torsor/random';
import { fromFloat64, type TensorValue, tensorType } from '@torsor/tensor';
import { map } from '@torsor/tree';
import { expect, it } from 'vitest';
import { goldenFiles } from '../../src/index.js';
import { describeGolden } from './describe-golden.js';
import { number, numbers, object, objects, text } from './json.js';
import { describeBackends, type OpenBackend } from './models/backends.js';
import { comparing } from './models/compare.js';
import { type Results, resultAt, runWith } from './models/running.js';
import { resizeBound } from './resize-bound.js';
import { type Stored, stored, valueAt } from './tensors.js';

/** openpi's own bound between two implementations, in the units of [-1, 1]: nearly grey pixels have an uncertain hue. */
const bound = 2e-4;

type Case = {
  readonly name: string;
  readonly cameras: readonly string[];
  readonly size: ImageSize;
  readonly batch: number;
  /** NaN for a key that is not `jax.random.key(seed)`. */
  readonly seed: number;
  /** The largest height or width that is resized. */
  readonly extent: number;
  readonly inputs: AugmentationInputs<TensorValue>;
};

const column = (rows: readonly Readonly<Record<string, unknown>>[], name: string): TensorValue =>
  fromFloat64(
    tensorType(name === 'apply' ? 'bool' : 'f32', [rows.length]),
    rows.map((row) => Number(row[name])),
  );

const inputsOf = (cameras: readonly string[], params: Readonly<Record<string, unknown>>): Case['inputs'] => {
  const rows = (camera: string) => objects(params[camera]);
  const geometry = (camera: string) => ({
    centerY: column(rows(camera), 'center_y'),
    centerX: column(rows(camera), 'center_x'),
    theta: column(rows(camera), 'theta'),
  });
  const jitter = (camera: string) => ({
    brightness: column(rows(camera), 'brightness'),
    contrast: column(rows(camera), 'contrast'),
    hue: column(rows(camera), 'hue'),
    saturation: column(rows(camera), 'saturation'),
    apply: column(rows(camera), 'apply'),
  });
  const standing = cameras.filter((camera) => !isWristCamera(camera));
  return {
    geometry: Object.fromEntries(standing.map((camera) => [camera, geometry(camera)])),
    jitter: Object.fromEntries(cameras.map((camera) => [camera, jitter(camera)])),
  };
};

const caseOf = (golden: Readonly<Record<string, unknown>>): Case => {
  const cameras = Array.isArray(golden['cameras']) ? golden['cameras'].map(text) : [];
  const [h = 0, w = 0] = numbers(golden['image_resolution']);
  return {
    name: text(golden['name']),
    cameras,
    size: [h, w],
    batch: number(golden['batch']),
    seed: Number(/^jax\.random\.key\((\d+)\)$/.exec(text(golden['rng']))?.[1]),
    extent: Math.max(h, w, ...numbers(golden['input_resolution'])),
    inputs: inputsOf(cameras, object(golden['params'])),
  };
};

/** Runs the whole way from bytes to augmented pictures, by camera. */
const augmented = (open: OpenBackend, file: Stored, { name, cameras, size, inputs }: Case): Promise<Results> => {
  const images: CameraImages<TensorValue> = Object.fromEntries(
    cameras.map((camera) => [camera, valueAt(file, `${name}/input/${camera}`)]),
  );
  return runWith(open, { images, inputs }, (given) => {
    const resized = preprocessImages(given.images, size);
    return { resized, output: augmentImages(resized, given.inputs, 'openpi') };
  });
};

const { has } = goldenFiles();
const folder = has('augment/augment.json') ? 'augment' : 'more/augment';

describeGolden('augment', [`${folder}/augment.json`], (golden) => {
  const cases = objects(object(golden.json(`${folder}/augment.json`))['cases']).map(caseOf);
  const file = golden.tensors(`${folder}/augment.safetensors`);

  const testCase = async (open: OpenBackend, c: Case): Promise<void> => {
    const results = await augmented(open, file, c);
    const { close } = comparing('augment', open.name);
    for (const camera of c.cameras) {
      const compare = (part: string, limit: number): void => {
        const expected = stored(file, `${c.name}/${part}/${camera}`);
        const how = { kind: 'transforms', absolute: true, limit } as const;
        close(`${c.name}/${part}/${camera}`, resultAt(results, `${part}/${camera}`), expected, how);
      };
      if (file.has(`${c.name}/resized/${camera}`)) compare('resized', resizeBound(c.extent));
      compare('output', bound);
    }
  };

  describeBackends(0, (open) => {
    it.each(cases)('$name, batch of $batch', (c) => testCase(open, c));
  });

  it.each(cases.filter(({ seed }) => Number.isInteger(seed)))(
    '$name: the draws of jax.random.key($seed)',
    ({ seed, batch, cameras, size, inputs }) => {
      const drawn = map<TensorValue, readonly number[]>(
        augmentationInputs(key(seed), batch, cameras, size),
        ({ data }) => [...data],
      );
      expect(drawn).toEqual(map<TensorValue, readonly number[]>(inputs, ({ data }) => [...data]));
    },
  );
});
