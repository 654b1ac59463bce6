import fc from 'fast-check';
import { type Law, type LawOptions, lawsOf, type Statement, statement } from './law.js';
import { hold } from './refutation.js';

/** A value for every count of updates done so far. */
export type Schedule = (count: number) => number;

const counts = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 1_000_000 }));

const finite = statement('the value is finite and at least 0 at every count', (schedule: Schedule) =>
  fc.property(counts, (count) => {
    const value = schedule(count);
    hold(Number.isFinite(value) && value >= 0, `at count ${count} the value is ${value}`);
  }),
);

const pure = statement('the value depends on the count alone', (schedule: Schedule) =>
  fc.property(fc.array(counts, { minLength: 1, maxLength: 5 }), (asked) => {
    const forwards = asked.map(schedule);
    const backwards = [...asked].reverse().map(schedule).reverse();
    asked.forEach((count, i) => {
      hold(
        Object.is(forwards[i], backwards[i]),
        `at count ${count} the value is ${forwards[i]} the first time and ${backwards[i]} the second`,
      );
    });
  }),
);

const statements: ReadonlyArray<Statement<Schedule>> = [finite, pure];

/** What every learning-rate schedule must satisfy, so that a resumed run applies the same values. */
export const scheduleLaws = (schedule: Schedule, options?: LawOptions): readonly Law[] =>
  lawsOf(statements, schedule, options);
