import fc from 'fast-check';

/** A statement that holds for every input, with a check that looks for a counterexample. */
export type Law = {
  readonly name: string;
  /** Throws an error that prints the smallest counterexample found. */
  readonly check: () => void;
};

/** A law of something that takes time, as a training run does. */
export type AsyncLaw = {
  readonly name: string;
  /** Rejects with an error that prints the smallest counterexample found. */
  readonly check: () => Promise<void>;
};

/** How a law is checked. */
export type LawOptions = {
  /** Inputs tried, 50 by default; 5 of an `AsyncLaw`. */
  readonly numRuns?: number;
  /** Makes a check repeatable: the seed that a failure printed. */
  readonly seed?: number;
};

/** A law before it is said of what. */
export type Statement<Subject> = {
  readonly name: string;
  readonly about: (subject: Subject, options: LawOptions) => Law;
};

/** A statement about a subject, as a fast-check property. */
export const statement = <Subject, Inputs>(
  name: string,
  property: (subject: Subject) => fc.IProperty<Inputs>,
): Statement<Subject> => ({
  name,
  about: (subject, options) => ({
    name,
    check: () => fc.assert(property(subject), { numRuns: 50, includeErrorInReport: true, ...options }),
  }),
});

/** An `AsyncLaw` before it is said of what. */
export type AsyncStatement<Subject> = {
  readonly name: string;
  readonly about: (subject: Subject, options: LawOptions) => AsyncLaw;
};

/** A statement about a subject, as a fast-check property that takes time. */
export const asyncStatement = <Subject, Inputs>(
  name: string,
  property: (subject: Subject) => fc.IAsyncProperty<Inputs>,
): AsyncStatement<Subject> => ({
  name,
  about: (subject, options) => ({
    name,
    check: () => fc.assert(property(subject), { numRuns: 5, includeErrorInReport: true, ...options }),
  }),
});

/** The laws of a subject that takes time. */
export const asyncLawsOf = <Subject>(
  statements: ReadonlyArray<AsyncStatement<Subject>>,
  subject: Subject,
  options: LawOptions = {},
): readonly AsyncLaw[] => statements.map(({ about }) => about(subject, options));

/** The laws of a subject. */
export const lawsOf = <Subject>(
  statements: ReadonlyArray<Statement<Subject>>,
  subject: Subject,
  options: LawOptions = {},
): readonly Law[] => statements.map(({ about }) => about(subject, options));

/** What registers a test: `it` of vitest, `test` of node:test, or anything alike. */
export type RegisterTest = (name: string, check: () => void | Promise<void>) => unknown;

/**
 * Registers laws as tests of any runner.
 *
 * @example runLaws(flowMatchingLaws(myLoss), it)
 */
export const runLaws = (laws: readonly (Law | AsyncLaw)[], it: RegisterTest): void => {
  for (const { name, check } of laws) it(name, check);
};
