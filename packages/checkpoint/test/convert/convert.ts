import type * as TE from 'fp-ts/lib/TaskEither.js';
import {
  type CheckpointError,
  type ConversionOptions,
  type ConversionProgress,
  type ConversionReport,
  convertCheckpoint,
} from '../../src/index.js';
import { familyNames } from '../names/fixtures.js';

/** A conversion by whoever knows the three families. */
export const convert = (
  options: Omit<ConversionOptions, 'families'>,
  onProgress?: (progress: ConversionProgress) => void,
): TE.TaskEither<CheckpointError, ConversionReport> =>
  convertCheckpoint({ ...options, families: familyNames }, onProgress);
