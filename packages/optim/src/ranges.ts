import * as O from 'fp-ts/lib/Option.js';

/** What a hyper-parameter may be, in words and as a test. */
export type Range = {
  readonly expected: string;
  readonly contains: (value: number) => boolean;
};

/** A decay rate: at 1 nothing new would ever enter. */
export const rate: Range = {
  expected: 'a number of at least 0 and below 1',
  contains: (value) => value >= 0 && value < 1,
};

/** A weight between two things. */
export const fraction: Range = {
  expected: 'a number from 0 to 1',
  contains: (value) => value >= 0 && value <= 1,
};

/** A coefficient. */
export const nonNegative: Range = {
  expected: 'a finite number of at least 0',
  contains: (value) => value >= 0 && Number.isFinite(value),
};

/** A limit. */
export const positive: Range = {
  expected: 'a finite number above 0',
  contains: (value) => value > 0 && Number.isFinite(value),
};

/** The first value outside its range, as a sentence. */
export const refusal = (values: ReadonlyArray<readonly [string, number, Range]>): O.Option<string> => {
  const wrong = values.find(([, value, { contains }]) => !contains(value));
  return wrong === undefined ? O.none : O.some(`${wrong[0]} is ${wrong[1]}; give ${wrong[2].expected}`);
};
