import fc from 'fast-check';
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

const folded = <In, State, Out>({ empty, step }: MonoidReducer<In, State, Out>, inputs: readonly In[]): State =>
  inputs.reduce(step, empty);

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
 * @param equal - equality of what `extract` gives; floating-point sums may want a tolerance.
 */
export const monoidLaws = <In, State, Out>(
  reducer: MonoidReducer<In, State, Out>,
  input: fc.Arbitrary<In>,
  equal: (left: Out, right: Out) => boolean,
  options?: LawOptions,
): readonly Law[] => lawsOf(statementsFor<In, State, Out>(), { reducer, input, equal }, options);
