import {
  type CountingActionTokenizer,
  type FastFiles,
  fastTokenizer,
  readFast,
  type TokenizerError,
} from '@torsor/tokenizer';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { ActionTokenSettings } from '../families/family.js';

/** The tokens of action chunks, and the files by which another run reads them again. */
export type ActionCodec = {
  readonly tokenizer: CountingActionTokenizer;
  /** The same, but motions that it has no token for get the nearest and are counted, whatever the settings say. */
  readonly nearest: CountingActionTokenizer;
  readonly files: FastFiles;
};

/**
 * A FAST tokenizer from the files of its folder.
 *
 * @errors `BadProcessor`, which names the file and the place.
 */
export const codecOf = (
  files: FastFiles,
  { onOutOfRange }: Pick<ActionTokenSettings, 'onOutOfRange'>,
): E.Either<TokenizerError, ActionCodec> =>
  pipe(
    readFast(files),
    E.map((processor) => ({
      tokenizer: fastTokenizer(processor, { onOutOfRange }),
      nearest: fastTokenizer(processor, { onOutOfRange: 'clamp' }),
      files,
    })),
  );
