import { join } from 'node:path';
import type { NativeVariant } from './cache.js';
import { exists, readText, writeText } from './files.js';
import { nodeApiHeadersPin, protobufPin, tfjsNodePin, type WheelPin } from './pins.js';

const FILE = 'manifest.json';
const FORMAT = 1;

/** What a linked binding was made of; written beside it. */
export interface BindingManifest {
  readonly format: number;
  readonly variant: NativeVariant;
  readonly platform: string;
  /** `name version sha256` of every downloaded file. */
  readonly sources: readonly string[];
  /** sha256 of the binding itself. */
  readonly binding: string;
}

/**
 * The manifest that the pins of this version lead to.
 *
 * @param variant - CPU or CUDA library.
 * @param platform - `os-architecture`.
 * @param wheels - the wheels unpacked.
 * @param binding - sha256 of the binding.
 */
export function bindingManifest(
  variant: NativeVariant,
  platform: string,
  wheels: readonly WheelPin[],
  binding: string,
): BindingManifest {
  const wheelLines = wheels.map((pin) => `${pin.project} ${pin.version} ${pin.sha256}`);
  const tarballs = [tfjsNodePin, nodeApiHeadersPin, protobufPin];
  const sources = [...wheelLines, ...tarballs.map((pin) => `${pin.name} ${pin.version} ${pin.sha256}`)];
  return { format: FORMAT, variant, platform, sources, binding };
}

/**
 * Writes the manifest of a binding's directory.
 *
 * @param directory - the directory.
 * @param manifest - its content.
 */
export function writeManifest(directory: string, manifest: BindingManifest): Promise<void> {
  return writeText(join(directory, FILE), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/**
 * Whether a directory holds exactly the described binding.
 *
 * @param directory - the directory.
 * @param manifest - what it should say.
 */
export async function hasManifest(directory: string, manifest: BindingManifest): Promise<boolean> {
  const path = join(directory, FILE);
  return (await exists(path)) && (await readText(path)) === `${JSON.stringify(manifest, undefined, 2)}\n`;
}
