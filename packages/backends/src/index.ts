export { type Attempt, explainChoice, type Machine, type Typed } from './choice.js';
export { hasNvidiaGpu } from './gpu.js';
export { automatic, type BackendKind, type BackendName, backendNames } from './names.js';
export { type Opened, openBackend, type Told, type Tried, tryBackend, type Wanted, wantedOf } from './open.js';
