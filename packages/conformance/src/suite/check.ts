import { type Backend, type BackendError, showBackendError } from '@torsor/backend';
import {
  type EvaluateError,
  evaluate,
  type Rounding,
  range,
  type ShapeError,
  sameType,
  showEvaluateError,
  showShapeError,
  showType,
  type TensorType,
  type TensorValue,
  toFloat64,
} from '@torsor/tensor';
import { flatten, type Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Case, type CaseProgram, inputsOf } from './case.js';
import { type Comparison, compare, largestDistance } from './compare.js';
import { executeOn } from './execute.js';
import { careless } from './rounding.js';
import { type Computation, toleranceOf } from './tolerance.js';

/** Why a backend does not pass a case. */
export type CaseFailure =
  /** The case itself builds no program. */
  | { readonly _tag: 'NotBuilt'; readonly error: ShapeError }
  /** The reference refuses the inputs of the case. */
  | { readonly _tag: 'NotEvaluated'; readonly error: EvaluateError }
  /** The backend gives an error. */
  | { readonly _tag: 'NotRun'; readonly error: BackendError }
  /** An output is missing or of another type. */
  | {
      readonly _tag: 'WrongType';
      readonly path: string;
      readonly expected: TensorType;
      readonly actual: TensorType | undefined;
    }
  /** An output differs from the reference by more than its tolerance. */
  | {
      readonly _tag: 'Differs';
      readonly path: string;
      readonly relative: number;
      readonly wrong: NonNullable<Comparison['wrong']>;
    };

/** A sentence that names the output and the first wrong element. */
export const showCaseFailure = (failure: CaseFailure): string => {
  switch (failure._tag) {
    case 'NotBuilt':
      return `the case builds no program: ${showShapeError(failure.error)}`;
    case 'NotEvaluated':
      return `the reference refuses the case: ${showEvaluateError(failure.error)}`;
    case 'NotRun':
      return showBackendError(failure.error);
    case 'WrongType':
      return `output '${failure.path}': expected ${showType(failure.expected)}, got ${failure.actual === undefined ? 'nothing' : showType(failure.actual)}`;
    case 'Differs': {
      const { index, expected, actual } = failure.wrong;
      return `output '${failure.path}'[${index}]: expected ${showNumber(expected)}, got ${showNumber(actual)}; largest error ${failure.relative.toExponential(1)} of the largest number`;
    }
  }
};

const showNumber = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));

type Values = ReadonlyMap<string, TensorValue>;

const reference = (
  of: CaseProgram,
  inputs: Readonly<Record<string, TensorValue>>,
  rounding: Rounding,
): E.Either<CaseFailure, Values> =>
  pipe(
    evaluate(of, inputs, rounding),
    E.bimap(
      (error): CaseFailure => ({ _tag: 'NotEvaluated', error }),
      (outputs) =>
        // A tree of expressions became a tree of values.
        new Map(flatten(outputs as unknown as Tree<TensorValue>).map(({ path, leaf }) => [path, leaf])),
    ),
  );

const compareOutput = (
  computation: Computation,
  path: string,
  expected: TensorValue,
  inexact: readonly Values[],
  actual: TensorValue | undefined,
): E.Either<CaseFailure, number> => {
  if (actual === undefined || !sameType(actual.type, expected.type)) {
    return E.left({ _tag: 'WrongType', path, expected: expected.type, actual: actual?.type });
  }
  const tolerance = toleranceOf(computation, expected.type.dtype);
  const numbers = toFloat64(expected);
  const lost = Math.max(
    0,
    ...inexact.flatMap((values) => {
      const value = values.get(path);
      return value === undefined ? [] : [largestDistance(numbers, toFloat64(value))];
    }),
  );
  const { relative, wrong } = compare(numbers, toFloat64(actual), tolerance, tolerance.conditioned * lost);
  return wrong === undefined ? E.right(relative) : E.left({ _tag: 'Differs', path, relative, wrong });
};

const compareOutputs = (computation: Computation, expected: Values, inexact: readonly Values[], actual: Values) =>
  pipe(
    [...expected],
    E.traverseArray(([path, value]) => compareOutput(computation, path, value, inexact, actual.get(path))),
    E.map((errors) => Math.max(0, ...errors)),
  );

/** By how often it is computed, what a program loses is known well enough not to depend on luck. */
const draws = 4;

/** What the reference says of a case: its program, its inputs, and the outputs with exact and with inexact steps. */
const expectation = (of: Case) =>
  pipe(
    E.Do,
    E.bind('program', () => E.mapLeft((error: ShapeError): CaseFailure => ({ _tag: 'NotBuilt', error }))(of.program())),
    E.let('inputs', () => inputsOf(of)),
    E.bind('expected', ({ program, inputs }) => reference(program, inputs, 'float64')),
    E.bind('inexact', ({ program, inputs }) =>
      E.traverseArray((seed: number) => reference(program, inputs, careless(seed)))(
        of.computation.kind === 'program' ? range(draws) : [],
      ),
    ),
  );

/**
 * Runs a case on a backend and compares every output with the reference.
 *
 * @returns the largest relative error of its outputs.
 * @errors `CaseFailure`.
 */
export const checkCase = (backend: Backend, of: Case): TE.TaskEither<CaseFailure, number> =>
  pipe(
    TE.fromEither(expectation(of)),
    TE.bind('actual', ({ program, inputs }) =>
      TE.mapLeft((error: BackendError): CaseFailure => ({ _tag: 'NotRun', error }))(
        executeOn(backend, program, inputs),
      ),
    ),
    TE.flatMapEither(({ expected, inexact, actual }) => compareOutputs(of.computation, expected, inexact, actual)),
  );
