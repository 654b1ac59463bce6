import { foldIn, type Key, key } from '@torsor/random';
import {
  type Expr,
  type ExprTree,
  type Program,
  program,
  type ShapeError,
  type TensorType,
  type TensorValue,
} from '@torsor/tensor';
import type { Either } from 'fp-ts/lib/Either.js';
import { type Source, valueOf } from './source.js';
import type { Computation } from './tolerance.js';

type Named<A> = Readonly<Record<string, A>>;

/** A program of a case: named inputs, any tree of outputs. */
export type CaseProgram = Program<Named<TensorType>, ExprTree>;

/** A computation that every backend must agree on with the reference: plain data and how to build it. */
export type Case = {
  readonly name: string;
  readonly computation: Computation;
  readonly sources: Named<Source>;
  readonly program: () => Either<ShapeError, CaseProgram>;
};

const mapValues = <A, B>(record: Named<A>, f: (value: A, position: number) => B): Named<B> =>
  Object.fromEntries(Object.entries(record).map(([name, value], i) => [name, f(value, i)]));

/** A case: `build` is given an expression for each source. */
export const example = <S extends Named<Source>>(
  name: string,
  computation: Computation,
  sources: S,
  build: (inputs: { readonly [K in keyof S]: Expr }) => ExprTree,
): Case => ({
  name,
  computation,
  sources,
  // The inputs of the program are named as the sources are.
  program: () =>
    program(
      mapValues(sources, ({ type }) => type),
      (inputs) => build(inputs as { readonly [K in keyof S]: Expr }),
    ),
});

/** Every case draws from the same key, its sources in order from keys of their own. */
const root: Key = key(20261123);

/** The inputs of a case; the same on every machine. */
export const inputsOf = ({ sources }: Case): Named<TensorValue> =>
  mapValues(sources, (source, i) => valueOf(source, foldIn(root, i)));
