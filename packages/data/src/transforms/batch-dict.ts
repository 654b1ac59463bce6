import * as E from 'fp-ts/lib/Either.js';
import type { Batch } from '../sampling/batch.js';
import { type DataDict, type DataValue, NdArray, type SampleDict, type SampleValue, showNdArray } from './array.js';
import { isDict, isTexts } from './entry.js';
import type { TransformError } from './error.js';
import { flat } from './keys.js';

/** The samples of an entry that is no record; none of an array without axes. */
const rowsOf = (value: DataValue): number | undefined => {
  if (isTexts(value)) return value.length;
  return value instanceof NdArray ? value.shape[0] : undefined;
};

const showRows = (value: DataValue): string => {
  if (isTexts(value)) return `${value.length} texts`;
  return value instanceof NdArray ? showNdArray(value) : 'a record';
};

/**
 * The samples `b` of a batch; 0 of one without entries.
 *
 * @errors `WrongValue` naming the first entry that has not as many as the first one.
 */
export const batchSize = (dict: DataDict): E.Either<TransformError, number> => {
  const leaves = Object.entries(flat(dict));
  const [first, value = []] = leaves[0] ?? [];
  const b = rowsOf(value);
  const odd = leaves.find(([, leaf]) => rowsOf(leaf) !== b || b === undefined);
  if (odd === undefined) return E.right(b ?? 0);
  const [key, found] = odd;
  const expected = b === undefined ? 'one row for each sample' : `${b} rows, as ${first} has`;
  return E.left({ _tag: 'WrongValue', transform: 'applyTransforms', key, expected, found: showRows(found) });
};

const mapValues = <A, B>(record: { readonly [key: string]: A }, f: (value: A) => B): { readonly [key: string]: B } =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));

const isSampleDict = (value: SampleValue): value is SampleDict =>
  typeof value !== 'string' && !(value instanceof NdArray);

const expandValue = (value: SampleValue): DataValue => {
  if (typeof value === 'string') return [value];
  return isSampleDict(value) ? expand(value) : new NdArray(value.dtype, [1, ...value.shape], value.data);
};

/** One sample as a batch of one; elements are shared. @law `squeeze` undoes it. */
export const expand = (sample: SampleDict): DataDict => mapValues(sample, expandValue);

const squeezeValue = (value: DataValue): SampleValue => {
  if (isTexts(value)) return value[0] ?? '';
  return isDict(value) ? squeeze(value) : new NdArray(value.dtype, value.shape.slice(1), value.data);
};

/** The only sample of a batch of one; elements are shared. */
export const squeeze = (batch: DataDict): SampleDict => mapValues(batch, squeezeValue);

/** Windows as transforms take them: `state`, `actions` and `prompt`; elements are shared. */
export const batchDict = (batch: Batch): DataDict & Readonly<Record<'state' | 'actions', NdArray>> => {
  const { size: b, stateDim, actionDim, actionHorizon, state, actions, prompts } = batch;
  return {
    state: new NdArray('float32', [b, stateDim], state),
    actions: new NdArray('float32', [b, actionHorizon, actionDim], actions),
    prompt: prompts,
  };
};
