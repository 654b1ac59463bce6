import { type Expr, type ExprTree, program, showShapeError, type TensorType, type TensorValue } from '@torsor/tensor';
import { map, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { compiledOn } from '../on-backend.js';
import type { OpenBackend } from './backends.js';

/** What a program gives, by the paths of its outputs. */
export type Results = ReadonlyMap<string, TensorValue>;

/** A structure of values, such as the inputs of a model, as the same structure of expressions. */
export type Built<I> = I extends TensorValue ? Expr : { readonly [K in keyof I]: Built<I[K]> };

/** Builds the program of a structure of values and compiles it: to be run on values of the same types. */
export const compiledWith = async <I>(
  { backend }: OpenBackend,
  given: I,
  build: (inputs: Built<I>) => ExprTree,
): Promise<(given: I) => Promise<Results>> => {
  // A structure of values is a tree of them; `map` and `program` keep the structure, which their types do not follow.
  const values = given as Tree<TensorValue>;
  const types = map<TensorValue, TensorType>(values, ({ type }) => type);
  const built = program(types, (inputs) => build(inputs as unknown as Built<I>));
  if (E.isLeft(built)) throw new Error(showShapeError(built.left));
  const run = await compiledOn(await backend(), built.right);
  return (inputs) => run(inputs as Tree<TensorValue>);
};

/** Builds the program of a structure of values and runs it on them. */
export const runWith = async <I>(
  open: OpenBackend,
  given: I,
  build: (inputs: Built<I>) => ExprTree,
): Promise<Results> => (await compiledWith(open, given, build))(given);

/** One of the results. */
export const resultAt = (results: Results, name: string): TensorValue => {
  const value = results.get(name);
  if (value === undefined) throw new Error(`no result ${name}; there are ${[...results.keys()].join(', ')}`);
  return value;
};
