import type { FamilyNames } from '@torsor/checkpoint';
import * as z from 'zod';
import type { Family } from './family.js';
import type { Immutable } from './immutable.js';
import { pi0 } from './pi0.js';
import { pi0Fast } from './pi0-fast.js';
import { pi05 } from './pi05.js';

/** Every family, by kind. Another one is its record and its line here. */
export const families = { pi0, pi05, 'pi0-fast': pi0Fast } as const;

/** What the parameters of every family are called in other libraries. */
export const familyNames: readonly FamilyNames[] = Object.values(families).map(({ names }) => names);

/** The settings of a policy, of whichever family `kind` names. */
export const modelSchema = z.discriminatedUnion('kind', [pi0.schema, pi05.schema, pi0Fast.schema]);

/** Settings of a policy. */
export type ModelSettings = Immutable<z.output<typeof modelSchema>>;

/** The family of settings. */
export const familyOf = <S extends Pick<ModelSettings, 'kind'>>({ kind }: S): Family<S & ModelSettings> =>
  // The table gives a kind the family that has it; a type cannot follow the one to the other.
  families[kind] as unknown as Family<S & ModelSettings>;
