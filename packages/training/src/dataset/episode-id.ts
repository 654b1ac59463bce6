import type { Episode } from '@torsor/data';
import { bytesHash, textHash } from '@torsor/files';

const hashOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  bytesHash(new Uint8Array(buffer, byteOffset, byteLength));

/**
 * What an episode is known by, whatever its number and its dataset: a hash of its states and actions.
 *
 * @returns 16 hexadecimal digits.
 */
export const episodeId = ({ state, action }: Pick<Episode, 'state' | 'action'>): string =>
  textHash(hashOf(state) + hashOf(action)).slice(0, 16);
