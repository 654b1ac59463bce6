import { type ConversionOptions, convertCheckpoint } from '../../src/index.js';
import { familyNames } from '../names/fixtures.js';

/** A conversion by whoever knows the three families. */
export const convert = (
  options: Omit<ConversionOptions, 'families'>,
  onProgress?: Parameters<typeof convertCheckpoint>[1],
): ReturnType<typeof convertCheckpoint> => convertCheckpoint({ ...options, families: familyNames }, onProgress);
