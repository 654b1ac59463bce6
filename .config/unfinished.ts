import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/*
 * A test that blocks its thread outlives its own time limit, and a worker that crashes takes its tests out of the count.
 * Both end the run here, by name.
 */

const minutes = Number(process.env['TORSOR_STALL_MINUTES'] ?? 10);

/** A file beside vitest's own report and of its layout: each problem counts as a failed test (reports.mjs). */
const reportFile = resolve(`reports/vitest-unfinished-${process.pid}.json`);

type Problem = {
  readonly name: string;
  readonly message: string;
};

const report = (problems: readonly Problem[]): void => {
  const testResults = problems.map((problem) => ({ ...problem, status: 'failed', assertionResults: [] }));
  mkdirSync(dirname(reportFile), { recursive: true });
  writeFileSync(reportFile, JSON.stringify({ testResults }));
};

/** Ends a file of tests in which none has begun or ended for ten minutes, and reports what ended without a test. */
export default class Unfinished implements Reporter {
  #timer: NodeJS.Timeout | undefined;
  readonly #running = new Map<string, string>();
  readonly #problems: Problem[] = [];
  readonly #workers = new Set<ChildProcess>();

  onInit(): void {
    subscribe('child_process', (message) => {
      // The channel is documented to carry the new process.
      this.#workers.add((message as { readonly process: ChildProcess }).process);
    });
  }

  onTestModuleQueued({ moduleId }: TestModule): void {
    this.#at(moduleId, 'its first test');
  }

  onTestCaseReady({ fullName, module }: TestCase): void {
    this.#at(module.moduleId, `"${fullName}"`);
  }

  onTestCaseResult({ fullName, module }: TestCase): void {
    this.#at(module.moduleId, `what follows "${fullName}"`);
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    this.#running.delete(moduleId);
    this.#wait();
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: ReadonlyArray<{ readonly message: string }>): void {
    clearTimeout(this.#timer);
    const where = [...this.#running.keys()].join(', ') || reportFile;
    this.#problems.push(...errors.map(({ message }) => ({ name: where, message })));
    if (this.#problems.length > 0) report(this.#problems);
  }

  #at(module: string, what: string): void {
    this.#running.set(module, what);
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#stalled(), minutes * 60_000);
  }

  #stalled(): void {
    for (const [name, what] of this.#running) {
      const message = `nothing ended for ${minutes} minutes; last seen at ${what}`;
      process.stderr.write(`${name}: ${message}\n`);
      this.#problems.push({ name, message });
    }
    // Without its worker a file is over; vitest goes on with the next.
    for (const worker of this.#workers) worker.kill('SIGKILL');
  }
}
