import * as E from 'fp-ts/lib/Either.js';
import { showVideoError } from '../src/error.js';
import { loadAv } from '../src/native/av.js';

const loaded = await loadAv()();

/** FFmpeg as this machine has it. */
export const av = E.isRight(loaded) ? loaded.right : undefined;

/** Why videos cannot be tested here, for the name of a suite; empty when they can. */
export const skipped = E.isLeft(loaded) ? ` (skipped: ${showVideoError(loaded.left)})` : '';
