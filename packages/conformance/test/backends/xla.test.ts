import { it } from 'vitest';
import { xla, xlaMissing } from '../xla.js';
import { conforms } from './conform.js';

const missing = await xlaMissing();

if (missing === undefined) conforms('xla-cpu', xla());
else it.skip(`xla is not set up here: ${missing}`, () => {});
