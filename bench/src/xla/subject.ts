// A process of its own, so that its start, its memory and its first step are what a user would see: `node subject.js <task>`.
import { decodeReport } from './decode-report.js';
import { depthReport } from './depths.js';
import { isTask, type Task } from './task.js';
import { trainReport } from './train-report.js';

const importsMs = performance.now();

const reportOf = (task: Task): Promise<object> => {
  switch (task.kind) {
    case 'depths':
      return depthReport(task);
    case 'decode':
      return decodeReport(task);
    case 'train':
      return trainReport(task, importsMs);
  }
};

const end = (reason: string): void => {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
};

const task: unknown = JSON.parse(process.argv[2] ?? 'null');
if (isTask(task)) {
  await reportOf(task).then(
    (report) => process.stdout.write(`${JSON.stringify(report)}\n`),
    (error: unknown) => end(error instanceof Error ? error.message : String(error)),
  );
} else {
  end('usage: node subject.js <task as JSON>');
}
