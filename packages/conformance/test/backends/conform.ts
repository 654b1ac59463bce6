import { type Backend, type BackendError, showBackendError } from '@torsor/backend';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCase, type Entry, knownDeviations, showCaseFailure, suite, unsupportedDType } from '../../src/index.js';
import { afterwards, behaviours } from './behaviour.js';
import type { Behaviour } from './buffers.js';
import { randomPrograms } from './random.js';
import { Report } from './report.js';

/** What is known of a backend: why it deviates, by case. */
type Known = ReadonlyMap<string, string>;

const knownOf = (backend: string): Known =>
  new Map(
    knownDeviations
      .filter((deviation) => deviation.backend === backend)
      .map(({ case: id, what, why }) => [id, `${what}: ${why}`]),
  );

/** What a backend cannot do it says, at compile time. */
const expectRefusal = async (backend: Backend, entry: Entry): Promise<boolean> => {
  const built = entry.case.program();
  if (E.isLeft(built)) return false;
  const dtype = unsupportedDType(backend, built.right);
  if (dtype === undefined) return false;
  const supported = backend.capabilities.dtypes;
  expect(await backend.compile(built.right)()).toMatchObject(E.left({ _tag: 'UnsupportedDType', supported }));
  return true;
};

const checkEntry = async (backend: Backend, entry: Entry, report: Report): Promise<void> => {
  if (await expectRefusal(backend, entry)) {
    report.refuse(entry.group);
    return;
  }
  const checked = await checkCase(backend, entry.case)();
  if (E.isLeft(checked)) expect.fail(showCaseFailure(checked.left));
  report.add(entry.group, entry.id, checked.right);
};

const registerCases = (backend: () => Backend, known: Known, report: Report): void => {
  for (const entry of suite) {
    const why = known.get(entry.id);
    if (why === undefined) it(entry.id, () => checkEntry(backend(), entry, report));
    else {
      it(`still deviates: ${entry.id} (${why})`, async () => {
        expect(await checkCase(backend(), entry.case)()).toMatchObject({ _tag: 'Left' });
      });
    }
  }
};

const registerBehaviours = (all: readonly Behaviour[], backend: () => Backend, known: Known): void => {
  for (const { name, check } of all) {
    const why = known.get(`behaviour/${name}`);
    if (why === undefined) it(name, () => check(backend()));
    else it(`still deviates: ${name} (${why})`, () => expect(check(backend())).rejects.toThrow());
  }
};

/**
 * Runs the whole suite on a backend, and prints how exact it was.
 *
 * @param name - as the list of deviations calls it.
 */
export const conforms = (name: string, open: TaskEither<BackendError, Backend>): void => {
  describe(name, () => {
    const report = new Report();
    const known = knownOf(name);
    let opened: Backend | undefined;
    const backend = (): Backend => {
      if (opened === undefined) throw new Error(`${name} was not opened`);
      return opened;
    };

    beforeAll(async () => {
      const result = await open();
      if (E.isLeft(result)) throw new Error(showBackendError(result.left));
      opened = result.right;
    });

    registerBehaviours(behaviours, backend, known);
    registerCases(backend, known, report);
    randomPrograms(backend, report);
    registerBehaviours(afterwards, backend, known);

    it('is known for deviations that the suite has', () => {
      const behaviourIds = [...behaviours, ...afterwards].map((behaviour) => `behaviour/${behaviour.name}`);
      const ids = new Set([...suite.map(({ id }) => id), ...behaviourIds]);
      expect([...known.keys()].filter((id) => !ids.has(id))).toEqual([]);
    });

    afterAll(() => {
      process.stdout.write(report.print(name));
    });
  });
};
