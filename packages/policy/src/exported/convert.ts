import {
  type ConversionOptions,
  type ConversionProgress,
  type ConversionReport,
  convertCheckpoint,
} from '@torsor/checkpoint';
import * as E from 'fp-ts/lib/Either.js';
import { flow, pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { checkpointError, type PolicyError } from '../error.js';
import { familyNames } from '../families/families.js';
import { checkpointFiles } from '../saved/tensors.js';
import { accompanied } from './accompany.js';

/** What is converted into what. */
export type PolicyConversion = Omit<ConversionOptions, 'families' | 'overlay' | 'accompany'> & {
  /** The parameters as trained instead of the averaged ones. */
  readonly live?: boolean;
  /** openpi's name for the statistics, by which its configuration finds them; `torsor` when absent. */
  readonly assetId?: string | undefined;
};

const defaultAsset = 'torsor';

/** What an asset id must be and is not; `undefined` for one that can be. */
const refusedAsset = ({ to, assetId }: PolicyConversion): string | undefined => {
  if (assetId === undefined) return undefined;
  if (!to.startsWith('openpi')) return `absent for ${to}, whose statistics have no name`;
  const isFolder = assetId.split('/').every((name) => !['', '.', '..'].includes(name));
  return isFolder ? undefined : `a folder below assets, not ${JSON.stringify(assetId)}`;
};

type Refused = { readonly _tag: 'Refused'; readonly error: PolicyError };

const refused = (error: PolicyError): Refused => ({ _tag: 'Refused', error });

/**
 * {@link convertCheckpoint} of a policy: of a checkpoint of ours the averaged parameters where it has them, as openpi saves them; into
 * another library with low-rank factors merged, and with configuration and statistics as that library reads them.
 *
 * @errors those of `convertCheckpoint` as `Checkpoint`; `BadSettings`, `Data` and `NotExported` for what cannot go along.
 * @law the policy written acts as the one read: the merged model computes what the adapted one does.
 */
export const convertPolicy = (
  conversion: PolicyConversion,
  onProgress?: (progress: ConversionProgress) => void,
): TE.TaskEither<PolicyError, ConversionReport> => {
  const { live = false, assetId = defaultAsset, ...options } = conversion;
  const expected = refusedAsset(conversion);
  if (expected !== undefined) return TE.left(checkpointError({ _tag: 'BadOption', option: 'assetId', expected }));
  return pipe(
    convertCheckpoint<Refused>(
      {
        ...options,
        families: familyNames,
        overlay: live ? undefined : { file: checkpointFiles.others, prefix: 'ema/' },
        accompany: flow(accompanied({ to: options.to, dtype: options.dtype, assetId }), E.mapLeft(refused)),
      },
      onProgress,
    ),
    TE.mapLeft((error) => (error._tag === 'Refused' ? error.error : checkpointError(error))),
  );
};
