import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { SafetensorsTensor } from './safetensors/tensor.js';

/** Name, element type and shape of every parameter: what two models must share to exchange checkpoints. */
export type Architecture = ReadonlyMap<string, Pick<SafetensorsTensor, 'dtype' | 'shape'>>;

/** How an architecture found differs from the one expected; empty lists mean that they agree. */
export type ArchitectureDifference = {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  /** Present in both, with another dtype or shape; both written as `F32[2,3]`. */
  readonly misshaped: readonly { readonly name: string; readonly expected: string; readonly actual: string }[];
};

const signature = ({ dtype, shape }: Pick<SafetensorsTensor, 'dtype' | 'shape'>): string =>
  `${dtype}[${shape.join(',')}]`;

/**
 * SHA-256 (hex) of all names, dtypes and shapes.
 *
 * @law does not depend on the order of the map, nor on any value of a parameter.
 */
export const architectureFingerprint = (architecture: Architecture): string => {
  const lines = [...architecture].map(([name, tensor]) => JSON.stringify([name, signature(tensor)])).sort();
  return bytesToHex(sha256(utf8ToBytes(lines.join('\n'))));
};

/** What is missing, unexpected or of another shape in `actual`. */
export const compareArchitecture = (expected: Architecture, actual: Architecture): ArchitectureDifference => {
  const shared = [...expected].flatMap(([name, wanted]) => {
    const found = actual.get(name);
    return found === undefined ? [] : [{ name, expected: signature(wanted), actual: signature(found) }];
  });
  return {
    missing: [...expected.keys()].filter((name) => !actual.has(name)),
    unexpected: [...actual.keys()].filter((name) => !expected.has(name)),
    misshaped: shared.filter((pair) => pair.expected !== pair.actual),
  };
};
