import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { afterAll, describe, expect, it } from 'vitest';
import { describeVideo, openDecoders, type Pictures, showVideoError, type VideoError } from '../src/index.js';
import { fixtures } from './lerobot.js';
import { av, skipped } from './node-av.js';

const folder = mkdtempSync(join(tmpdir(), 'damaged-'));

const sources = ['v3-tworobots', 'v3-h264'].map((name) => ({
  name,
  bytes: readFileSync(`${fixtures}/${name}/videos/observation.images.wrist/chunk-000/file-000.mp4`),
}));

const fileOf = (name: string, bytes: Uint8Array | string): string => {
  const file = join(folder, `${name}.mp4`);
  writeFileSync(file, bytes);
  return file;
};

/** What an answer says is wrong with a file, which its sentence names; empty where nothing is. */
const faultOf = (file: string, answer: E.Either<VideoError, unknown>): string => {
  if (E.isRight(answer)) return '';
  expect(showVideoError(answer.left)).toContain(file);
  return answer.left._tag;
};

/** Compared as a text: arrays are compared element by element. */
const bytesOf = (frame: Pictures[number] | undefined): string =>
  frame !== undefined && E.isRight(frame) ? createHash('sha256').update(frame.right.data).digest('hex') : 'none';

const times = [0, 0.05, 1, 2.5, 4.7];

describe.skipIf(skipped !== '')(`a file that is no whole video${skipped}`, () => {
  const decoders = openDecoders({ threads: 1 });
  afterAll(decoders.close);

  const refusals = async (file: string): Promise<readonly string[]> => {
    const [described, frames] = await Promise.all([decoders.describe(file)(), decoders.frames(file, [0])]);
    return [described, ...frames].map((answer) => faultOf(file, answer));
  };

  it('empty, text, absent, a folder, a device, a pointer', async () => {
    expect(await refusals(fileOf('empty', ''))).toEqual(['NotVideo', 'NotVideo']);
    expect(await refusals(fileOf('text', 'a video\n'.repeat(1000)))).toEqual(['NotVideo', 'NotVideo']);
    expect(await refusals(join(folder, 'absent.mp4'))).toEqual(['MissingVideo', 'MissingVideo']);
    mkdirSync(join(folder, 'folder.mp4'));
    expect(await refusals(join(folder, 'folder.mp4'))).toEqual(['UnreadableVideo', 'UnreadableVideo']);
    expect(await refusals('/dev/zero')).toEqual(['UnreadableVideo', 'UnreadableVideo']);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`;
    expect(await refusals(fileOf('pointer', pointer))).toEqual(['VideoPointer', 'VideoPointer']);
  });

  it('of a format that opens other files, which only MP4 does not', async () => {
    const list = `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n${fixtures}/v3-h264/x.mp4\n`;
    expect(await refusals(fileOf('list', list))).toEqual(['NotVideo', 'NotVideo']);
  });

  it('of another codec, with those that are decoded', async () => {
    const { bytes = Buffer.alloc(0) } = sources[1] ?? {};
    const other = Buffer.from(bytes.toString('latin1').replaceAll('avc1', 'mp4v'), 'latin1');
    const file = fileOf('other', other);
    const described = await describeVideo(file)();
    expect(described).toMatchObject({ left: { _tag: 'UnknownCodec', file, known: ['av1', 'h264', 'hevc'] } });
  });

  it.each(sources)('$name cut short: refused as a whole, and no frame is another one', async ({ name, bytes }) => {
    const whole = await decoders.frames(fileOf('whole', bytes), times);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        const file = fileOf(`cut-${name}`, bytes.subarray(0, length));
        expect(E.isLeft(await decoders.describe(file)())).toBe(true);
        (await decoders.frames(file, times)).forEach((frame, i) => {
          if (faultOf(file, frame) === '') expect(bytesOf(frame)).toBe(bytesOf(whole[i]));
        });
      }),
      { numRuns: 40 },
    );
  });

  it.each(sources)('$name with some bytes changed: an error or frames, in time', async ({ name, bytes }) => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, by] of changes) changed[at] = (changed[at] ?? 0) ^ by;
        const file = fileOf(`changed-${name}`, changed);
        const [described, frames] = await Promise.all([decoders.describe(file)(), decoders.frames(file, times)]);
        const faults = [described, ...frames].map((answer) => faultOf(file, answer));
        expect(faults).not.toContain('WorkerDied');
      }),
      { numRuns: 250 },
    );
  });

  it('says nothing to the terminal', () => {
    expect(av?.Log.getLevel()).toBe(av?.AV_LOG_QUIET);
  });
});
