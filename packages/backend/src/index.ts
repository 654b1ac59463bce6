export {
  type Backend,
  Buffer,
  type Capabilities,
  Executable,
  isDonated,
  type MemoryStatistics,
  type RunOptions,
} from './backend.js';
export { type BackendError, showBackendError } from './error.js';
export { referenceBackend } from './reference.js';
