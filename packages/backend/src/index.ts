export {
  type Backend,
  Buffer,
  type Capabilities,
  type CompileOptions,
  Executable,
  type MemoryStatistics,
  type RunOptions,
  type SpecOf,
} from './backend.js';
export type { Deviation } from './deviation.js';
export { donatedInputs } from './donation.js';
export { type BackendError, showBackendError } from './error.js';
export { referenceBackend } from './reference.js';
