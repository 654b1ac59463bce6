import * as E from 'fp-ts/lib/Either.js';
import type { ConversionError } from './conversion-error.js';
import { showShape } from './names/plan.js';

/** Tensors that stand for those of another file: averaged parameters, for one. */
export type TensorOverlay = {
  readonly file: string;
  /** Beginning of their names, without which they are those of what they stand for. */
  readonly prefix: string;
};

/** Where a tensor lies, and its shape. */
type Placed = { readonly file: string; readonly shape: readonly number[] };

/**
 * Tensors with what stands for them; the overlay's file holds nothing else that is wanted.
 *
 * @errors `NamesDisagree` for what stands for no tensor, or for one of another shape.
 */
export const overlaid = <T extends Placed>(
  path: string,
  all: ReadonlyMap<string, T>,
  { file, prefix }: TensorOverlay,
): E.Either<ConversionError, ReadonlyMap<string, T>> => {
  const under = new Map([...all].filter(([, tensor]) => tensor.file !== file));
  const over = new Map([...all].filter(([name, tensor]) => tensor.file === file && name.startsWith(prefix)));
  const below = (name: string): T | undefined => under.get(name.slice(prefix.length));
  const unused = [...over.keys()].filter((name) => below(name) === undefined);
  const misshaped = [...over].flatMap(([name, { shape }]) => {
    const expected = below(name)?.shape ?? shape;
    return showShape(expected) === showShape(shape)
      ? []
      : [{ name, expected: showShape(expected), actual: showShape(shape) }];
  });
  return unused.length + misshaped.length > 0
    ? E.left({ _tag: 'NamesDisagree', path, difference: { missing: [], unused, misshaped } })
    : E.right(new Map([...under].map(([name, tensor]) => [name, over.get(prefix + name) ?? tensor])));
};
