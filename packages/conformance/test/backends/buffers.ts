import type { Backend, Buffer } from '@torsor/backend';
import {
  add,
  type ExprsOf,
  type ExprTree,
  fromFloat64,
  mul,
  type Program,
  program,
  showShapeError,
  type TensorType,
  tensorType,
} from '@torsor/tensor';
import type { Tree } from '@torsor/tree';
import * as E from 'fp-ts/lib/Either.js';
import { orThrow } from '../golden/on-backend.js';

/** What every backend does with buffers and programs, whatever it computes. */
export type Behaviour = {
  readonly name: string;
  /** Rejects when the backend does not. */
  readonly check: (backend: Backend) => Promise<void>;
};

/** A program that must build. */
export const built = <const I extends Tree<TensorType>, O extends ExprTree>(
  inputs: I,
  f: (inputs: ExprsOf<I>) => O,
): Program<I, O> => {
  const made = program(inputs, f);
  if (E.isLeft(made)) throw new Error(showShapeError(made.left));
  return made.right;
};

/** The type of most buffers here. */
export const pair = tensorType('f32', [2]);

/** A buffer of numbers. */
export const put = (backend: Backend, ...numbers: readonly number[]): Promise<Buffer> =>
  orThrow(backend.put(fromFloat64(tensorType('f32', [numbers.length]), numbers)));

/** The numbers of a buffer. */
export const numbers = async (backend: Backend, buffer: Buffer): Promise<readonly number[]> => [
  ...(await orThrow(backend.get(buffer))).data,
];

/** Two inputs and two outputs. */
export const sumAndProduct = built({ x: pair, y: pair }, ({ x, y }) => ({ sum: add(x, y), product: mul(x, y) }));
