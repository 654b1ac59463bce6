/** What the process exits with; help and README print this table. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  failed: { code: 1, meaning: 'the run failed (a non-finite loss, a full disk, a defect)' },
  usage: { code: 2, meaning: 'the command line or the configuration is refused' },
  data: { code: 3, meaning: 'the dataset is missing, damaged or does not fit the configuration' },
  checkpoint: { code: 4, meaning: 'a checkpoint or run folder is missing, damaged, in the way, or does not fit' },
  backend: { code: 5, meaning: 'no backend could be started, or its installation failed' },
  interrupted: { code: 130, meaning: 'Ctrl-C: a checkpoint was written first; a second Ctrl-C writes none' },
  terminated: { code: 143, meaning: 'SIGTERM: a checkpoint was written first' },
} as const;

/** The name of an exit code. */
export type Exit = keyof typeof exitCodes;

/** The table as aligned lines. */
export const showExitCodes = (): string =>
  Object.values(exitCodes)
    .map(({ code, meaning }) => `  ${String(code).padEnd(5)}${meaning}`)
    .join('\n');
