import { afterAll, describe, expect, it } from 'vitest';
import { openPictures } from '../../src/index.js';
import { codeIn, datasetOf, expectedOf, meanRgb, withVideos } from '../lerobot.js';
import { skipped } from '../node-av.js';
import { right } from '../right.js';

/** Images need no decoder of videos. */
const reasonFor = (name: string): string => (name === 'v3-images' ? '' : skipped);

describe.each([...withVideos, 'v3-images'])('%s', (name) => {
  const expected = expectedOf(name);
  const readers: ReturnType<typeof openPictures>[] = [];
  afterAll(() => Promise.all(readers.map(({ close }) => close())));

  it.skipIf(reasonFor(name) !== '')(
    `every sampled picture is the one that LeRobot gives${reasonFor(name)}`,
    async () => {
      const reader = openPictures(await datasetOf(name), { threads: 2 });
      readers.push(reader);
      for (const camera of expected.cameras ?? []) {
        const { data, height, width } = right(await reader.read(camera, expected.samples)());
        const bytes = height * width * 3;
        for (const [row, { cameras }] of expected.samples.entries()) {
          const seen = cameras[camera];
          const picture = data.subarray(row * bytes, (row + 1) * bytes);
          expect([height, width, 3]).toEqual(seen?.shape_hwc);
          expect(codeIn(picture, width)).toBe(seen?.value);
          meanRgb(picture, width, [0, 0, height, width]).forEach((mean, c) => {
            expect(mean).toBeCloseTo(seen?.mean_rgb[c] ?? Number.NaN, 1.9);
          });
          meanRgb(picture, width, [height / 2, width / 2, 4, 4]).forEach((mean, c) => {
            expect(mean).toBeCloseTo(seen?.center_rgb_4x4[c] ?? Number.NaN, 0.95);
          });
        }
      }
    },
  );

  it.skipIf(reasonFor(name) !== '')(`every frame of every episode is the right one${reasonFor(name)}`, async () => {
    const dataset = await datasetOf(name);
    const reader = openPictures(dataset, { threads: 1 });
    readers.push(reader);
    for (const [number, camera] of dataset.cameras.entries()) {
      let index = 0;
      for (const episode of dataset.episodes) {
        const frames = Array.from({ length: episode.length }, (_, frame) => ({ episode: episode.index, frame }));
        const { data, height, width } = right(await reader.read(camera, frames)());
        const bytes = height * width * 3;
        const codes = frames.map((_, row) => codeIn(data.subarray(row * bytes, (row + 1) * bytes), width));
        expect(codes).toEqual(frames.map((_, row) => ((number + 1) << 12) | (index + row)));
        index += episode.length;
      }
    }
  });
});
