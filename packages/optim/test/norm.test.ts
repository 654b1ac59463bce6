import { computeTree, ExactTensor } from '@torsor/laws';
import { constant, type Expr, isValid, tensorType } from '@torsor/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globalNorm, isKernel, paramNorm } from '../src/index.js';
import { computed, mapNumbers, norm, numbers, numbersAt, type Tensors, tensors } from './trees.js';

const normOf = (tree: Tensors): number =>
  numbers(computed({ tree }, (given) => globalNorm(given.tree)))[0] ?? Number.NaN;

const dtypeOf = (x: Expr): string => (isValid(x) ? x.type.dtype : 'invalid');

describe('globalNorm', () => {
  it('is the Euclidean norm of all numbers, and homogeneous', () => {
    fc.assert(
      fc.property(tensors, fc.integer({ min: -4, max: 4 }), (tree, c) => {
        expect(normOf(tree)).toBeCloseTo(norm(tree), 12);
        expect(normOf(mapNumbers(tree, (x) => c * x))).toBeCloseTo(Math.abs(c) * norm(tree), 10);
      }),
    );
  });

  it('of nothing is 0', () => {
    expect(normOf({})).toBe(0);
  });

  it('sums in f32 whatever the leaves are stored in, in f64 if one is', () => {
    expect(dtypeOf(globalNorm({ a: constant(1, 'bf16', [2]) }))).toBe('f32');
    expect(dtypeOf(globalNorm({ a: constant(1, 'f32'), b: constant(1, 'f64') }))).toBe('f64');
  });
});

describe('paramNorm', () => {
  it('counts kernels only', () => {
    fc.assert(
      fc.property(tensors, (params) => {
        const found = numbers(computed({ params }, (given) => paramNorm(given.params)))[0];
        expect(found).toBeCloseTo(Math.hypot(...numbersAt(params, 'decoder/kernel')), 12);
      }),
    );
  });

  it('of no kernels is 0', () => {
    const scalar = new ExactTensor(tensorType('f32'), Float64Array.of(3));
    expect(numbers(computeTree(scalar, (x) => paramNorm({ x })))).toEqual([0]);
  });

  // The reference computes without rounding; what rounding gives is compared with openpi's in the golden tests.
  it('rounds nothing of leaves in a wide dtype', () => {
    fc.assert(
      fc.property(tensors, (params) => {
        const of = (roundNarrow: boolean) =>
          numbers(computed({ params }, (given) => paramNorm(given.params, { roundNarrow })));
        expect(of(true)).toEqual(of(false));
      }),
    );
    expect(dtypeOf(paramNorm({ kernel: constant(1, 'bf16', [2, 2]) }, { roundNarrow: true }))).toBe('f32');
  });

  const matrix = tensorType('f32', [2, 3]);
  it.each([
    ['PaliGemma/llm/layers/mlp/linear', matrix, true],
    ['PaliGemma/llm/layers/attn/q_einsum/w', matrix, true],
    ['action_in_proj/kernel', matrix, true],
    ['action_in_proj/kernel', tensorType('f32', [3]), false],
    ['PaliGemma/llm/layers/pre_attention_norm/scale', matrix, false],
    ['PaliGemma/img/Transformer/encoderblock/MlpBlock_0/Dense_0/bias', matrix, false],
    ['PaliGemma/img/pos_embedding', matrix, false],
    ['PaliGemma/llm/embedder/input_embedding', matrix, false],
    ['bias_correction/kernel', matrix, true],
  ])('%s of %o: kernel %s', (path, type, expected) => {
    expect(isKernel(path, type)).toBe(expected);
  });
});
