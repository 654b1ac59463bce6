import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { MemoryDisk, readText, wholeDirectory, wholeFile } from '../src/index.js';

it('the example of the README runs', async () => {
  const disk = new MemoryDisk();
  const written = pipe(
    wholeFile(disk, 'run/config.json')('{}'),
    TE.flatMap(() =>
      wholeDirectory(disk, { path: 'run/fast' })((into) => wholeFile(disk, `${into}/tokenizer.json`)('[]')),
    ),
    TE.flatMap(() => readText(disk, 'run/fast/tokenizer.json')),
  );
  expect(await written()).toEqual(E.right('[]'));
});
