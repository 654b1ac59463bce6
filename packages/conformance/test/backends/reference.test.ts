import { referenceBackend } from '@torsor/backend';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { conforms } from './conform.js';

conforms(
  'reference',
  TE.fromIO(() => referenceBackend()),
);
// The same with every step rounded to its dtype: how much of the tolerances arithmetic itself uses up.
conforms(
  'reference, rounded',
  TE.fromIO(() => referenceBackend('declared')),
);
