import { fileURLToPath } from 'node:url';

/** Where every test file leaves what it compared; `reporter.ts` makes one table of it. */
export const partsDirectory = fileURLToPath(new URL('../../../reports/fidelity', import.meta.url));
