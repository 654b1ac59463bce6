import { type Expr, matmul, program, reduceSum, reshape, tanh, tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { planProgram } from '../src/index.js';

/** What is held besides x, 8×4 numbers of 4 bytes, and w, 4×16 of them, on one device. */
const temporaryBytes = (f: (x: Expr, w: Expr) => Expr): number => {
  const inputs = { x: tensorType('f32', [8, 4]), w: tensorType('f32', [4, 16]) };
  const built = program(inputs, ({ x, w }) => f(x, w));
  if (E.isLeft(built)) throw new Error(built.left.reason);
  const mesh = { axes: [{ name: 'data', size: 1 }] };
  return planProgram({ program: built.right, mesh, specs: [[], []], donated: new Map() }).temporaryBytesPerDevice;
};

const [ofX, ofProduct, scalar] = [8 * 4 * 4, 8 * 16 * 4, 4];

it.each([
  ['what is computed on the way into a sum has no buffer', (x: Expr) => reduceSum(tanh(x)), scalar],
  ['what a product reads has one', (x: Expr, w: Expr) => matmul(tanh(x), w), ofX + ofProduct],
  ['what a product makes has one', (x: Expr, w: Expr) => reduceSum(matmul(x, w)), ofProduct + scalar],
  [
    'another shape of the same elements is the same buffer',
    (x: Expr) => ((of: Expr) => reduceSum(matmul(of, reshape(of, [4, 8]))))(tanh(x)),
    ofX + 8 * 8 * 4,
  ],
] as const)('%s', (_what, f, bytes) => {
  expect(temporaryBytes(f)).toBe(bytes);
});
