import fc from 'fast-check';
import { permutation, pick } from './arbitrary.js';
import { type Law, type LawOptions, lawsOf, type Statement, statement } from './law.js';
import { hold } from './refutation.js';

/** A reducer whose partial results can be combined. */
export type MonoidReducer<In, State, Out> = {
  readonly empty: State;
  readonly step: (state: State, input: In) => State;
  readonly combine: (left: State, right: State) => State;
  readonly extract: (state: State) => Out;
};

type Subject<In, State, Out> = {
  readonly reducer: MonoidReducer<In, State, Out>;
  readonly input: fc.Arbitrary<In>;
  readonly equal: (left: Out, right: Out) => boolean;
};

const sameValue = (left: unknown, right: unknown): boolean => fc.stringify(left) === fc.stringify(right);

const continued = <In, State>(step: (state: State, input: In) => State, inputs: readonly In[], from: State): State =>
  // Not `reduce(step, from)`: it passes more than two arguments, which a step like `Math.max` would take.
  inputs.reduce((state, input) => step(state, input), from);

const folded = <In, State, Out>({ empty, step }: MonoidReducer<In, State, Out>, inputs: readonly In[]): State =>
  continued(step, inputs, empty);

const holdSame = <In, State, Out>(
  { reducer, equal }: Subject<In, State, Out>,
  what: string,
  left: State,
  right: State,
): void => {
  const [a, b] = [reducer.extract(left), reducer.extract(right)];
  hold(equal(a, b), `${what}: ${fc.stringify(a)} and ${fc.stringify(b)}`);
};

const statementsFor = <In, State, Out>(): ReadonlyArray<Statement<Subject<In, State, Out>>> => {
  type Of = Subject<In, State, Out>;
  const inputs = ({ input }: Of): fc.Arbitrary<readonly In[]> => fc.array(input, { maxLength: 5 });
  return [
    statement('combining with empty changes nothing', (subject: Of) =>
      fc.property(inputs(subject), (items) => {
        const { empty, combine } = subject.reducer;
        const state = folded(subject.reducer, items);
        holdSame(subject, 'empty on the left, and without', combine(empty, state), state);
        holdSame(subject, 'empty on the right, and without', combine(state, empty), state);
      }),
    ),
    statement('combine is associative', (subject: Of) =>
      fc.property(inputs(subject), inputs(subject), inputs(subject), (a, b, c) => {
        const { combine } = subject.reducer;
        const [x, y, z] = [folded(subject.reducer, a), folded(subject.reducer, b), folded(subject.reducer, c)];
        holdSame(subject, '(a b) c and a (b c)', combine(combine(x, y), z), combine(x, combine(y, z)));
      }),
    ),
    statement('reducing parts and combining them is reducing the whole', (subject: Of) =>
      fc.property(inputs(subject), inputs(subject), (a, b) => {
        const parts = subject.reducer.combine(folded(subject.reducer, a), folded(subject.reducer, b));
        holdSame(subject, 'in parts, and the whole', parts, folded(subject.reducer, [...a, ...b]));
      }),
    ),
  ];
};

/**
 * What makes a reducer mergeable in any split that keeps the order of its inputs.
 *
 * @param input - inputs to try.
 * @param equal - equality of what `extract` gives, the same value by default; floating-point sums may want a tolerance.
 */
export const monoidLaws = <In, State, Out>(
  reducer: MonoidReducer<In, State, Out>,
  input: fc.Arbitrary<In>,
  equal: (left: Out, right: Out) => boolean = sameValue,
  options?: LawOptions,
): readonly Law[] => lawsOf(statementsFor<In, State, Out>(), { reducer, input, equal }, options);

const anyOrder = <In, State, Out>(): Statement<Subject<In, State, Out>> =>
  statement('any order gives the same result', (subject) => {
    const shuffled = fc
      .array(subject.input, { maxLength: 5 })
      .chain((items) => fc.tuple(fc.constant(items), permutation(items.length), fc.nat({ max: items.length })));
    return fc.property(shuffled, ([items, order, cut]) => {
      const whole = folded(subject.reducer, items);
      const moved = pick(items, order);
      const [early, late] = [moved.slice(0, cut), moved.slice(cut)].map((part) => folded(subject.reducer, part));
      holdSame(subject, `in the order ${order.join(', ')}, and as given`, folded(subject.reducer, moved), whole);
      if (early === undefined || late === undefined) return;
      holdSame(subject, 'the late part first, and as given', subject.reducer.combine(late, early), whole);
    });
  });

/** `monoidLaws`, and independence of the order: what may be reduced on devices and files in any order. */
export const commutativeMonoidLaws = <In, State, Out>(
  reducer: MonoidReducer<In, State, Out>,
  input: fc.Arbitrary<In>,
  equal: (left: Out, right: Out) => boolean = sameValue,
  options?: LawOptions,
): readonly Law[] =>
  lawsOf([...statementsFor<In, State, Out>(), anyOrder<In, State, Out>()], { reducer, input, equal }, options);

/** How a state is written to disk and read back. */
export type StateText<State> = {
  readonly write: (state: State) => string;
  readonly read: (text: string) => State;
};

/**
 * What a reducer's state on disk must satisfy: a run that goes on from it reports what an uninterrupted one does.
 *
 * @param text - how a state is written and read.
 * @param input - inputs to try.
 */
export const savedReducerLaws = <In, State, Out>(
  reducer: MonoidReducer<In, State, Out>,
  text: StateText<State>,
  input: fc.Arbitrary<In>,
  options?: LawOptions,
): readonly Law[] => {
  type Of = Subject<In, State, Out>;
  const subject: Of = { reducer, input, equal: sameValue };
  const goesOn = statement('a state that was written and read goes on as the one in memory', (of: Of) =>
    fc.property(fc.array(of.input, { maxLength: 5 }), fc.array(of.input, { maxLength: 5 }), (before, after) => {
      const state = folded(of.reducer, before);
      const read = text.read(text.write(state));
      holdSame(of, 'read back, and in memory', read, state);
      const on = (from: State): State => continued(of.reducer.step, after, from);
      holdSame(of, 'read back and continued, and in memory', on(read), on(state));
    }),
  );
  return lawsOf([goesOn], subject, options);
};
