import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import Unfinished from './unfinished.ts';
import { workers } from './workers.ts';

const conditions = ['@torsor/source', 'module', 'node', 'import', 'default'];

// Test files share a process, whose start and imports cost more than most files' tests. A native binding that is set up for
// a test is in the process for good.
const apart = basename(process.cwd()) === 'backend-tfjs';

// Where a wrong branch is a wrong number: nearly every one is taken by some test. Measured by the gate, not while editing.
const covered = ['tensor', 'losses', 'optim'].includes(basename(process.cwd()));

export default defineConfig({
  plugins: [workers],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [process.env['TORSOR_TESTS'] ?? 'test/**/*.test.ts'],
    passWithNoTests: true,
    isolate: apart,
    // For a machine that others are using: compiling a gradient takes seconds on a quiet one. unfinished.ts bounds the rest.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: [fileURLToPath(new URL('temporary.ts', import.meta.url))],
    setupFiles: [fileURLToPath(new URL('property-seed.ts', import.meta.url))],
    reporters: ['default', 'json', new Unfinished()],
    outputFile: { json: 'reports/vitest.json' },
    coverage: {
      enabled: covered && process.env['TORSOR_COVERAGE'] === '1',
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { branches: 95 },
    },
  },
});
