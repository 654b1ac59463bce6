import type { Expr } from '@torsor/tensor';
import fc from 'fast-check';
import { nested } from './arbitrary.js';
import { type Law, type LawOptions, lawsOf, type Statement, statement } from './law.js';
import { compute, type Nested, type Tensors, tensor } from './numbers.js';
import { holdEqual } from './refutation.js';

/** Actions and noise, `[b, ah, ad]` each, and a time in [0, 1] for each sample, as nested arrays. */
export type PathBatch = {
  readonly actions: Nested;
  readonly noise: Nested;
  readonly time: readonly number[];
};

/** Small batches of ends of paths and times. */
export const pathBatch: fc.Arbitrary<PathBatch> = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }))
  .chain(([b, ah, ad]) =>
    fc.record({
      actions: nested([b, ah, ad]),
      noise: nested([b, ah, ad]),
      time: fc.array(
        fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
        { minLength: b, maxLength: b },
      ),
    }),
  );

/** From actions, noise and time to the point on the path and its velocity. */
export type FlowMatchingPath = (actions: Expr, noise: Expr, time: Expr) => { readonly x_t: Expr; readonly u_t: Expr };

type Path = {
  readonly a: Float64Array;
  readonly e: Float64Array;
  readonly u_t: Float64Array;
  readonly x_t: Float64Array;
};

const empty = new Float64Array(0);

const pathAt = (path: FlowMatchingPath, batch: PathBatch, time: readonly number[] = batch.time): Path => {
  const inputs: Tensors<'actions' | 'noise' | 'time'> = {
    actions: tensor(batch.actions),
    noise: tensor(batch.noise),
    time: tensor(time),
  };
  const [u_t, x_t] = compute(inputs, ({ actions, noise, time }) => {
    const made = path(actions, noise, time);
    return { u_t: made.u_t, x_t: made.x_t };
  });
  return { a: inputs.actions.data, e: inputs.noise.data, u_t: u_t?.data ?? empty, x_t: x_t?.data ?? empty };
};

const velocity = statement('u_t = ε − a', (path: FlowMatchingPath) =>
  fc.property(pathBatch, (batch) => {
    const { a, e, u_t } = pathAt(path, batch);
    holdEqual(
      'u_t',
      u_t,
      e.map((x, i) => x - (a[i] ?? 0)),
    );
  }),
);

const ends = statement('x_0 = a and x_1 = ε', (path: FlowMatchingPath) =>
  fc.property(pathBatch, (batch) => {
    const at0 = pathAt(
      path,
      batch,
      batch.time.map(() => 0),
    );
    const at1 = pathAt(
      path,
      batch,
      batch.time.map(() => 1),
    );
    holdEqual('x_t at t = 0 (expected: a)', at0.x_t, at0.a, 0);
    holdEqual('x_t at t = 1 (expected: ε)', at1.x_t, at1.e, 0);
  }),
);

const straight = statement('∂x_t/∂t = u_t', (path: FlowMatchingPath) =>
  fc.property(pathBatch, (batch) => {
    // x_t is linear in t, so that a difference of any length is the derivative.
    const before = pathAt(
      path,
      batch,
      batch.time.map((t) => t * 0.75),
    );
    const after = pathAt(
      path,
      batch,
      batch.time.map((t) => t * 0.75 + 0.25),
    );
    holdEqual(
      '∂x_t/∂t (expected: u_t)',
      after.x_t.map((x, i) => (x - (before.x_t[i] ?? 0)) / 0.25),
      before.u_t,
    );
  }),
);

const statements: ReadonlyArray<Statement<FlowMatchingPath>> = [velocity, ends, straight];

/**
 * What the inputs of flow matching must satisfy: a straight path from the actions at t = 0 to the noise at t = 1.
 *
 * @param path - from actions, noise `f32[b, ah, ad]` and time `f32[b]` to `x_t` and `u_t`.
 */
export const flowMatchingPathLaws = (path: FlowMatchingPath, options?: LawOptions): readonly Law[] =>
  lawsOf(statements, path, options);
