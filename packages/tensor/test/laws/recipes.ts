import fc from 'fast-check';
import {
  abs,
  add,
  block,
  broadcastTo,
  concatenate,
  cumsum,
  type Expr,
  exp,
  expandDims,
  gather,
  literal,
  logSumExp,
  matmul,
  maximum,
  mul,
  neg,
  reduceMax,
  reduceSum,
  reshape,
  type Shape,
  scan,
  sliceInDim,
  softmax,
  sub,
  tanh,
  transpose,
} from '../../src/index.js';

/** The shape of every expression in a recipe. */
export const recipeShape: Shape = [2, 3];

const spread = (row: Expr): Expr => broadcastTo(expandDims(row, -1), recipeShape);

const recurrence = (x: Expr, y: Expr): Expr =>
  scan(
    (carry: Expr, row: Expr) => ({ carry: tanh(add(mul(carry, tanh(row)), 0.5)), y: mul(carry, tanh(row)) }),
    reduceSum(y, [0]),
    x,
  ).ys;

const smooth = {
  add,
  sub,
  mul: (x: Expr, y: Expr) => mul(tanh(x), y),
  neg: (x: Expr) => neg(x),
  tanh: (x: Expr) => tanh(x),
  exp: (x: Expr) => exp(tanh(x)),
  softmax: (x: Expr) => softmax(x),
  logSumExp: (x: Expr) => spread(logSumExp(x)),
  cumsum: (x: Expr) => cumsum(x, 1, true),
  gram: (x: Expr, y: Expr) => matmul(matmul(x, transpose(y)), x),
  swap: (x: Expr) => concatenate([sliceInDim(x, 1, 2, 0), sliceInDim(x, 0, 1, 0)], 0),
  repeat: (x: Expr) => gather(x, literal([1, 1], 'i32')),
  around: (x: Expr) => reshape(transpose(reshape(x, [3, 2])), recipeShape),
  scan: recurrence,
  block: (x: Expr, y: Expr) => block('b', {}, (z: { p: Expr; q: Expr }) => mul(tanh(z.p), z.q), { p: x, q: y }),
} satisfies { readonly [name: string]: (x: Expr, y: Expr) => Expr };

const kinked = {
  maximum,
  abs: (x: Expr) => abs(x),
  reduceMax: (x: Expr) => spread(reduceMax(x, [1])),
} satisfies { readonly [name: string]: (x: Expr, y: Expr) => Expr };

const builders = { ...smooth, ...kinked };

type Name = keyof typeof builders;

/** A program as plain data: `['tanh', ['mul', 'x', 'y']]`. */
export type Recipe = 'x' | 'y' | readonly [Name, ...Recipe[]];

/** The expression of a recipe. */
export const cook = (recipe: Recipe, x: Expr, y: Expr): Expr => {
  if (typeof recipe === 'string') return recipe === 'x' ? x : y;
  const [name, first = 'x', second = 'y'] = recipe;
  return builders[name](cook(first, x, y), cook(second, x, y));
};

const recipesOf = (table: object): fc.Arbitrary<Recipe> =>
  fc.letrec<{ readonly recipe: Recipe }>((tie) => ({
    recipe: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Recipe>('x', 'y'),
      ...(Object.keys(table) as readonly Name[]).map((name) =>
        builders[name].length === 2
          ? fc.tuple(fc.constant(name), tie('recipe'), tie('recipe'))
          : fc.tuple(fc.constant(name), tie('recipe')),
      ),
    ),
  })).recipe;

/** Programs that have all derivatives everywhere. */
export const smoothRecipe: fc.Arbitrary<Recipe> = recipesOf(smooth);

/** Any programs. */
export const anyRecipe: fc.Arbitrary<Recipe> = recipesOf(builders);
