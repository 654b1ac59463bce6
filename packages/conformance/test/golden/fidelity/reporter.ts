import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { partsDirectory } from './parts.js';
import { type Fidelity, markdownTable, terminalTable } from './table.js';

const documentPath = fileURLToPath(new URL('../../../../../docs/fidelity.md', import.meta.url));
const root = fileURLToPath(new URL('../../../../..', import.meta.url));

const entries = (): readonly Fidelity[] =>
  existsSync(partsDirectory)
    ? readdirSync(partsDirectory)
        .filter((file) => file.endsWith('.jsonl'))
        .flatMap((file) => readFileSync(join(partsDirectory, file), 'utf8').trimEnd().split('\n'))
        // What `record.ts` wrote.
        .map((line) => JSON.parse(line) as Fidelity)
    : [];

const preface = `# Fidelity

openpi's own numbers against ours. openpi's JAX code was run once on small configurations (commit 15a9616, jax 0.5.3, float32
on a CPU, matrix products at highest precision); its inputs, parameters, outputs and gradients were recorded. The golden
tests give the same inputs and parameters to this project's models on every backend and compare every recorded array.

An error is the largest difference relative to openpi's largest number; of a gradient, the L2 norm of the difference
relative to that of the gradient; of a loss or a norm, the relative difference; exact arrays (masks, positions, tokens,
bytes) have the bound 0, bf16 arrays the bound that openpi's own two ways of rounding set. Bounds of models
are those suggested with the recordings, from what independent reimplementations reached; where a test compares more than the
recordings have a bound for, it states its own. Each row shows the array that used most of its bound.

This file is written by \`pnpm fidelity\`, which runs the golden tests; with \`TORSOR_GOLDEN\` they read another set of
recordings. The recordings in \`packages/conformance/fixtures/golden\` are a part of those behind this table: some
redundant arrays are left out there.
`;

/** A reporter of vitest: clears what earlier runs left, prints one table at the end, and writes the document when asked. */
export default class FidelityReporter {
  onInit(): void {
    rmSync(partsDirectory, { recursive: true, force: true });
  }

  onTestRunEnd(): void {
    const all = entries();
    if (all.length === 0) return;
    process.stdout.write(`${terminalTable(all)}\n`);
    if (process.env['TORSOR_FIDELITY'] !== 'write') return;
    writeFileSync(documentPath, `${preface}\n${markdownTable(all)}\n`);
    process.stdout.write(`wrote ${relative(root, documentPath)}\n`);
  }
}
