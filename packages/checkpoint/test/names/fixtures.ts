import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { decodeSafetensors, pi0FastNames, pi0Names, pi05Names, toFloat32 } from '../../src/index.js';

const read = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(read(name)));

/** Shapes by name, and the elements of every tensor. */
export type Arrays = ReadonlyMap<string, { readonly shape: readonly number[]; readonly elements: readonly number[] }>;

export const families = ['pi0', 'pi05', 'pi0-fast'] as const;

/** A family that fixtures are of. */
export type Family = (typeof families)[number];

/** Their names, the one without marks first: which of them is found must not depend on the order. */
export const familyNames = [pi0FastNames, pi0Names, pi05Names];

/** Shapes of a small model by openpi's JAX path. */
export const smallShapes = (family: Family): ReadonlyMap<string, readonly number[]> => {
  // Written by the script that the README of the fixtures describes.
  const all = json('openpi-shapes.json') as { readonly [F in Family]: { readonly [name: string]: readonly number[] } };
  return new Map(Object.entries(all[family]));
};

/** PyTorch's own names and shapes of the released sizes; a name with `{l}` begins its list with the number of layers, others with 0. */
export const releasedNames = (family: Family): ReadonlyMap<string, readonly number[]> => {
  // Written by the script that the README of the fixtures describes.
  const all = json('pytorch-names.json') as { readonly [F in Family]: { readonly [name: string]: readonly number[] } };
  return new Map(
    Object.entries(all[family]).flatMap(([name, [layers = 0, ...shape]]) =>
      layers === 0
        ? [[name, shape] as const]
        : Array.from({ length: layers }, (_, layer) => [name.replace('{l}', String(layer)), shape] as const),
    ),
  );
};

/** The model that openpi's converter was given: every element of it another whole number, counted in the order of the names. */
export const countedModel = (family: Family): Arrays => {
  let count = 0;
  return new Map(
    [...smallShapes(family)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, shape]) => {
        const size = shape.reduce((n, dim) => n * dim, 1);
        const elements = Array.from({ length: size }, (_, i) => count + i);
        count += size;
        return [name, { shape, elements }] as const;
      }),
  );
};

/** What openpi's converter made of it. */
export const openpiConverted = (family: 'pi0' | 'pi05'): Arrays => {
  const file = decodeSafetensors(read(`openpi-${family}.safetensors`));
  if (E.isLeft(file)) throw new Error(file.left._tag);
  return new Map(
    [...file.right.tensors].map(([name, tensor]) => {
      const elements = toFloat32(tensor);
      if (E.isLeft(elements)) throw new Error(elements.left._tag);
      return [name, { shape: tensor.shape, elements: [...elements.right] }] as const;
    }),
  );
};
