import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect, it } from 'vitest';
import { type Dataset, pictureReader, readDataset, samplesOf, showDataError } from '../../src/index.js';
import { right } from '../right.js';

const fixtures = fileURLToPath(new URL('../../fixtures/lerobot', import.meta.url));

const names = ['v3-images', 'v3-rollover', 'v21-video', 'v3-lerobot061'] as const;

/** More than the gate's for a longer search. */
const numRuns = Number(process.env['TORSOR_MUTATED_FILES'] ?? 120);

const root = mkdtempSync(join(tmpdir(), 'torsor-mutated-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Files that are read here; videos are another package's. */
const filesOf = (name: string): readonly string[] =>
  readdirSync(join(fixtures, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.mp4'))
    .map((entry) => relative(join(fixtures, name), join(entry.parentPath, entry.name)))
    .toSorted();

type Change = {
  readonly kind: 'flip' | 'cut' | 'zeros' | 'noise' | 'twice';
  readonly at: number;
  readonly more: number;
};

const change = fc.record<Change>({
  kind: fc.constantFrom('flip', 'flip', 'cut', 'zeros', 'noise', 'twice'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  more: fc.integer({ min: 1, max: 255 }),
});

const changed = (bytes: Uint8Array, { kind, at, more }: Change): Uint8Array => {
  const place = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case 'flip':
      return bytes.map((byte, i) => (i === place ? byte ^ more : byte));
    case 'cut':
      return before;
    case 'zeros':
      return bytes.map((byte, i) => (i >= place && i < place + more ? 0 : byte));
    case 'noise':
      return bytes.map((byte, i) => (i >= place && i < place + more ? (byte * 31 + i * more) & 255 : byte));
    case 'twice':
      return new Uint8Array([...before, ...after.subarray(0, more), ...after]);
  }
};

const isWhole = ({ episodes, stateNames, actionNames, tasks }: Dataset): boolean =>
  episodes.every(
    ({ length, state, action, timestamp, taskIndex }) =>
      state.length === length * stateNames.length &&
      action.length === length * actionNames.length &&
      timestamp.length === length &&
      [state, action, timestamp].every((values) => values.every(Number.isFinite)) &&
      taskIndex.every((task) => tasks.has(task)),
  );

/** What a user is told of a dataset, or that it was read; with a picture of each camera that is an image. */
const told = async (dir: string): Promise<string> => {
  const dataset = await readDataset(dir, { withoutCameras: [] })();
  if (E.isLeft(dataset)) return showDataError(dataset.left);
  expect(isWhole(dataset.right)).toBe(true);
  const read = pictureReader(0);
  const samples = right(samplesOf(dataset.right));
  for (const camera of dataset.right.cameras) {
    if (dataset.right.features.get(camera)?.dtype !== 'image') continue;
    const picture = await read(samples, [0, samples.count - 1], camera)();
    if (E.isLeft(picture)) return showDataError(picture.left);
    expect(picture.right.data.length).toBe(2 * picture.right.height * picture.right.width * 3);
  }
  return 'read';
};

describe.each(names)('%s with a file of it changed', (name) => {
  const dir = join(root, name);
  mkdirSync(dir);
  cpSync(join(fixtures, name), dir, { recursive: true });
  const files = filesOf(name);

  it('is refused by name or read whole: no crash, no hang', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), change, async (file, how) => {
        const whole = new Uint8Array(readFileSync(join(fixtures, name, file)));
        writeFileSync(join(dir, file), changed(whole, how));
        try {
          const said = await told(dir);
          if (said !== 'read') expect(said.length).toBeGreaterThan(20);
        } finally {
          writeFileSync(join(dir, file), whole);
        }
      }),
      { numRuns: Math.ceil(numRuns / names.length) },
    );
  });
});
