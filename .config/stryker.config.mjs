// Mutation testing of one package (the working directory): does every mutant of its sources fail some test?
import { join } from 'node:path';

export default {
  testRunner: 'vitest',
  vitest: { configFile: join(import.meta.dirname, 'vitest.config.ts'), related: false },
  plugins: ['@stryker-mutator/vitest-runner'],
  ignorePatterns: ['dist', 'reports', 'coverage', 'etc', '.turbo'],
  // The words of an error message are no law.
  mutator: { excludedMutations: ['StringLiteral'] },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Every test once, with coverage, maybe on a machine that others are using.
  dryRunTimeoutMinutes: 60,
  timeoutMS: 20_000,
  timeoutFactor: 3,
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: process.env.TORSOR_MUTATION_REPORT ?? 'coverage/mutation.json' },
  tempDirName: '.stryker-tmp',
  thresholds: { high: 90, low: 80, break: null },
  disableTypeChecks: false,
  allowEmpty: true,
};
