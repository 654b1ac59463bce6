import {
  abs,
  add,
  block,
  broadcastTo,
  ceil,
  concatenate,
  cos,
  cumsum,
  div,
  type Expr,
  exp,
  expandDims,
  gather,
  gelu,
  gt,
  iota,
  literal,
  log,
  logistic,
  logSumExp,
  lt,
  matmul,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  pow,
  reduceMax,
  reduceSum,
  type Shape,
  scan,
  scatterAdd,
  select,
  silu,
  sin,
  sliceInDim,
  softmax,
  sqrt,
  square,
  stack,
  stopGradient,
  sub,
  tanh,
  transpose,
  zerosLike,
} from '@torsor/tensor';
import fc from 'fast-check';

/** The shape of every expression in a recipe. */
export const recipeShape: Shape = [2, 3];

type Ingredient = {
  readonly arity: 1 | 2;
  /** Whether it has all derivatives everywhere. */
  readonly smooth: boolean;
  readonly build: (x: Expr, y: Expr) => Expr;
};

const smooth = (arity: 1 | 2, build: (x: Expr, y: Expr) => Expr): Ingredient => ({ arity, smooth: true, build });
const kinked = (arity: 1 | 2, build: (x: Expr, y: Expr) => Expr): Ingredient => ({ arity, smooth: false, build });

/** Above 1, so that it has a root, a logarithm and an inverse. */
const aboveOne = (x: Expr): Expr => add(square(tanh(x)), 1);

const spread = (row: Expr): Expr => broadcastTo(expandDims(row, -1), recipeShape);

const runningTanh = (x: Expr, y: Expr): Expr =>
  scan(
    (carry: Expr, row: Expr) => {
      const next = tanh(add(mul(carry, 0.5), row));
      return { carry: next, y: next };
    },
    reduceSum(y, [0]),
    x,
  ).ys;

const rowsAgain = (x: Expr): Expr => gather(x, literal([1, 1], 'i32'));

/** What recipes are made of. */
export type IngredientName =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'pow'
  | 'tanh'
  | 'sin'
  | 'cos'
  | 'logistic'
  | 'gelu'
  | 'silu'
  | 'softmax'
  | 'logSumExp'
  | 'mean'
  | 'cumsum'
  | 'gram'
  | 'swapRows'
  | 'repeatRow'
  | 'scatterRow'
  | 'stackSum'
  | 'choose'
  | 'scan'
  | 'block'
  | 'maximum'
  | 'minimum'
  | 'abs'
  | 'ceil'
  | 'reduceMax'
  | 'relu'
  | 'stopGradient';

/** Every one keeps the shape, and moderate numbers moderate. */
const ingredients: { readonly [Name in IngredientName]: Ingredient } = {
  add: smooth(2, add),
  sub: smooth(2, sub),
  mul: smooth(2, (x, y) => mul(tanh(x), y)),
  div: smooth(2, (x, y) => div(x, aboveOne(y))),
  neg: smooth(1, neg),
  exp: smooth(1, (x) => exp(tanh(x))),
  log: smooth(1, (x) => log(aboveOne(x))),
  sqrt: smooth(1, (x) => sqrt(aboveOne(x))),
  pow: smooth(2, (x, y) => pow(aboveOne(x), tanh(y))),
  tanh: smooth(1, tanh),
  sin: smooth(1, sin),
  cos: smooth(1, cos),
  logistic: smooth(1, logistic),
  gelu: smooth(1, gelu),
  silu: smooth(1, silu),
  softmax: smooth(1, (x) => softmax(x)),
  logSumExp: smooth(1, (x) => spread(logSumExp(x))),
  mean: smooth(1, (x) => spread(mean(x, [-1]))),
  cumsum: smooth(1, (x) => cumsum(x, 1)),
  gram: smooth(2, (x, y) => matmul(matmul(x, transpose(y)), x)),
  swapRows: smooth(1, (x) => concatenate([sliceInDim(x, 1, 2, 0), sliceInDim(x, 0, 1, 0)], 0)),
  repeatRow: smooth(1, rowsAgain),
  scatterRow: smooth(2, (x, y) => scatterAdd(x, literal([1, 1], 'i32'), y)),
  stackSum: smooth(2, (x, y) => reduceSum(stack([x, y]), [0])),
  choose: smooth(2, (x, y) => select(lt(iota('f32', recipeShape, 1), 1.5), x, y)),
  scan: smooth(2, runningTanh),
  block: smooth(2, (x, y) => block('recipe', {}, (z: { a: Expr; b: Expr }) => mul(sin(z.a), z.b), { a: x, b: y })),
  maximum: kinked(2, maximum),
  minimum: kinked(2, minimum),
  abs: kinked(1, abs),
  ceil: kinked(1, ceil),
  reduceMax: kinked(1, (x) => spread(reduceMax(x, [1]))),
  relu: kinked(1, (x) => select(gt(x, zerosLike(x)), x, zerosLike(x))),
  stopGradient: kinked(1, stopGradient),
};

const names = Object.keys(ingredients) as readonly IngredientName[];

/** A program as plain data, `['tanh', ['add', 'x', 'y']]`: it shrinks, and prints as it is. */
export type Recipe = 'x' | 'y' | readonly [IngredientName, ...Recipe[]];

/** The expression of a recipe over two of shape {@link recipeShape}. */
export const cook = (recipe: Recipe, x: Expr, y: Expr): Expr => {
  if (recipe === 'x') return x;
  if (recipe === 'y') return y;
  const [name, first = 'x', second = 'y'] = recipe;
  return ingredients[name].build(cook(first, x, y), cook(second, x, y));
};

/** Random recipes. */
export type RecipeOptions = {
  /** Only of ingredients that have all derivatives everywhere. */
  readonly smooth?: boolean;
};

/** Random programs that shrink towards `'x'`. */
export const recipe = ({ smooth: onlySmooth = false }: RecipeOptions = {}): fc.Arbitrary<Recipe> =>
  fc.letrec<{ readonly recipe: Recipe }>((tie) => {
    const of = (name: IngredientName): fc.Arbitrary<Recipe> =>
      ingredients[name].arity === 1
        ? fc.tuple(fc.constant(name), tie('recipe'))
        : fc.tuple(fc.constant(name), tie('recipe'), tie('recipe'));
    const allowed = names.filter((name) => ingredients[name].smooth || !onlySmooth);
    return {
      recipe: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<Recipe>('x', 'y'),
        ...allowed.map(of),
      ),
    };
  }).recipe;
