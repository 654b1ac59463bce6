import type { Exit } from '../cli/exitCodes.js';
import { type ConfigError, showConfigError } from '../config/error.js';
import { type RunError, showRunError } from '../run/error.js';

/** Why a command ends without its result: what the process exits with, and what is told, a line each. */
export type Failure = { readonly exit: Exit; readonly messages: readonly string[] };

/** Refused configuration: every error. */
export const configFailure = (errors: readonly ConfigError[]): Failure => ({
  exit: 'usage',
  messages: errors.map(showConfigError),
});

/** A run folder that cannot be used. */
export const runFailure = (error: RunError): Failure => ({ exit: 'checkpoint', messages: [showRunError(error)] });
