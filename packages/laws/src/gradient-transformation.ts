import {
  type Expr,
  type ExprTree,
  exprLeaves,
  isValid,
  type Rounding,
  refused,
  showType,
  sizeOf,
  type TensorType,
  tensorType,
} from '@torsor/tensor';
import { flatten, map, type Tree } from '@torsor/tree';
import fc from 'fast-check';
import { smallNumber } from './arbitrary.js';
import { type Law, type LawOptions, lawsOf, type Statement, statement } from './law.js';
import { computeTree, ExactTensor } from './numbers.js';
import { hold } from './refutation.js';

/** A transformation of gradients with a state, as expressions. */
export type Transformation = {
  /** The first state for parameters. */
  init(this: void, params: ExprTree): ExprTree;
  /** Transformed updates and the next state. */
  update(
    this: void,
    updates: ExprTree,
    state: ExprTree,
    params: ExprTree,
  ): { readonly updates: ExprTree; readonly state: ExprTree };
};

/** Options of {@link gradientTransformationLaws}. */
export type TransformationLawOptions = LawOptions & {
  /** Types of the parameters to try, where the transformation has masks; some small ones by default. */
  readonly params?: Tree<TensorType>;
  /** How results are kept: `declared`, each rounded to its dtype as in training; by default not rounded at all. */
  readonly rounding?: Rounding;
};

type Subject = {
  readonly transformation: Transformation;
  readonly params: Tree<TensorType>;
  readonly rounding: Rounding;
};

const someParams: Tree<TensorType> = {
  layer: { bias: tensorType('f32', [2]), kernel: tensorType('f32', [2, 2]) },
  temperature: tensorType('f32'),
};

/** The numbers of each leaf by path. */
type Numbers = { readonly [path: string]: readonly number[] };

const numbersFor = (types: Tree<TensorType>): fc.Arbitrary<Numbers> =>
  fc.record(
    Object.fromEntries(
      flatten<TensorType>(types).map(({ path, leaf }) => {
        const length = sizeOf(leaf.shape);
        return [path, fc.array(smallNumber, { minLength: length, maxLength: length })];
      }),
    ),
  );

const tensorsOf = (types: Tree<TensorType>, numbers: Numbers): Tree<ExactTensor> =>
  map<TensorType, ExactTensor>(types, (type, path) => new ExactTensor(type, Float64Array.from(numbers[path] ?? [])));

type Step = {
  readonly updates: Tree<ExactTensor>;
  readonly state: Tree<ExactTensor>;
};

const takeStep = (
  { transformation, rounding }: Subject,
  updates: Tree<ExactTensor>,
  state: Tree<ExactTensor>,
  params: Tree<ExactTensor>,
): Step =>
  computeTree(
    { params, state, updates },
    (inputs) => {
      const given = inputs as { readonly [K in 'params' | 'state' | 'updates']: ExprTree };
      const next = transformation.update(given.updates, given.state, given.params);
      return { state: next.state, updates: next.updates };
    },
    rounding,
  ) as unknown as Step;

/** Every leaf with its path and type, in key order. */
const describe = (tree: Tree<ExactTensor>): string =>
  flatten<ExactTensor>(tree)
    .map(({ path, leaf }) => `${path}: ${showType(leaf.type)}`)
    .join(', ');

const holdSameTypes = (what: string, actual: Tree<ExactTensor>, expected: Tree<ExactTensor>): void => {
  const [a, e] = [describe(actual), describe(expected)];
  hold(a === e, `${what}: {${a}}, expected {${e}}`);
};

const holdFinite = (what: string, tree: Tree<ExactTensor>): void => {
  for (const { path, leaf } of flatten<ExactTensor>(tree)) {
    hold(leaf.data.every(Number.isFinite), `${what} at '${path}' is [${leaf.data.join(', ')}]`);
  }
};

const inputs = ({
  params,
}: Subject): fc.Arbitrary<{ readonly params: Numbers; readonly gradients: readonly Numbers[] }> =>
  fc.record({ params: numbersFor(params), gradients: fc.array(numbersFor(params), { minLength: 1, maxLength: 3 }) });

const keepsTypes = statement('updates and state keep their structure and types, step after step', (subject: Subject) =>
  fc.property(inputs(subject), (given) => {
    const params = tensorsOf(subject.params, given.params);
    const initial = computeTree(params, subject.transformation.init, subject.rounding);
    let state = initial;
    for (const gradient of given.gradients) {
      const step = takeStep(subject, tensorsOf(subject.params, gradient), state, params);
      holdSameTypes('updates', step.updates, params);
      holdSameTypes('the next state', step.state, initial);
      state = step.state;
    }
  }),
);

const staysFinite = statement('finite gradients give finite updates and a finite state', (subject: Subject) =>
  fc.property(inputs(subject), (given) => {
    const params = tensorsOf(subject.params, given.params);
    let state = computeTree(params, subject.transformation.init, subject.rounding);
    for (const gradient of given.gradients) {
      const step = takeStep(subject, tensorsOf(subject.params, gradient), state, params);
      holdFinite('the update', step.updates);
      holdFinite('the state', step.state);
      state = step.state;
    }
  }),
);

const absorbs = statement('an invalid gradient makes an invalid update', ({ transformation, params }: Subject) =>
  fc.property(fc.nat(), (which) => {
    const types = flatten<TensorType>(params);
    const broken = types[which % types.length]?.path;
    const invalid: Expr = refused('gradient', [], 'broken on purpose');
    computeTree(tensorsOf(params, {}), (given) => {
      const updates = map<Expr, Expr>(given, (leaf, path) => (path === broken ? invalid : leaf));
      const next = transformation.update(updates, transformation.init(given), given);
      hold(
        exprLeaves(next.updates).some((leaf) => !isValid(leaf)),
        `an invalid gradient of '${broken}' was swallowed`,
      );
      return {};
    });
  }),
);

const statements: ReadonlyArray<Statement<Subject>> = [keepsTypes, staysFinite, absorbs];

/**
 * What every transformation of gradients must satisfy to be part of a training loop.
 *
 * @example runLaws(gradientTransformationLaws(clipByGlobalNorm(1)), it)
 * @example runLaws(gradientTransformationLaws(clipByGlobalNorm(1), { params: narrowTypes, rounding: 'declared' }), it)
 */
export const gradientTransformationLaws = (
  transformation: Transformation,
  { params = someParams, rounding = 'float64', ...options }: TransformationLawOptions = {},
): readonly Law[] => lawsOf(statements, { transformation, params, rounding }, options);
