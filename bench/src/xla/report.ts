import * as E from 'fp-ts/lib/Either.js';

/** What both sides report of a run in a process of its own; seconds and MB of 2^20 bytes. */
export type Report = {
  readonly params: number;
  readonly firstStep: number;
  /** Processor time until then, of all threads. */
  readonly firstStepCpu: number | null;
  /** Medians; `null` when none were timed. */
  readonly step: number | null;
  readonly sample: number | null;
  /** A step that computes nothing; ours alone measures it. */
  readonly idleStep: number | null;
  /** The most memory held until training ended, and until the end. */
  readonly trainingMemory: number | null;
  readonly memory: number | null;
  readonly losses: readonly number[];
  /** Milliseconds of each phase until the first step, ours alone. */
  readonly phases: Readonly<Record<string, number>>;
};

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});

const numberIn = (fields: Fields, name: string): number | null => {
  const value = fields[name];
  return typeof value === 'number' ? value : null;
};

const medianIn = (fields: Fields, name: string): number | null => numberIn(fieldsOf(fields[name]), 'median');

const numbers = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.filter((item): item is number => typeof item === 'number') : [];

const numericFields = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(fieldsOf(value)).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
};

/** The last line of what a process printed, as fields. @errors the end of what it printed instead. */
export const lastLine = (printed: string): E.Either<string, Fields> => {
  const line = printed.trim().split('\n').at(-1) ?? '';
  const value = parsed(line);
  return typeof value === 'object' && value !== null
    ? E.right(fieldsOf(value))
    : E.left(`expected a line of JSON, got ${line === '' ? 'nothing' : line.slice(-200)}`);
};

/** Reads the report of either side. @errors what it lacks. */
export const readReport = (printed: string): E.Either<string, Report> =>
  E.flatMap((fields: Fields): E.Either<string, Report> => {
    const [params, firstStep] = [numberIn(fields, 'params'), numberIn(fields, 'first_step_from_process_start_s')];
    if (params === null || firstStep === null) {
      return E.left('expected params and first_step_from_process_start_s in the report');
    }
    return E.right({
      params,
      firstStep,
      firstStepCpu: numberIn(fields, 'first_step_cpu_s'),
      step: medianIn(fields, 'step_s'),
      sample: medianIn(fields, 'sample_b1_s'),
      idleStep: medianIn(fields, 'idle_step_s'),
      trainingMemory: numberIn(fields, 'peak_rss_after_training_mb'),
      memory: numberIn(fields, 'peak_rss_mb'),
      losses: numbers(fields['losses']),
      phases: numericFields(fields['phases_ms']),
    });
  })(lastLine(printed));
