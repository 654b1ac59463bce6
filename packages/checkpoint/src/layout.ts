/** Folder of a run that holds its checkpoints. */
export const checkpointsFolder = 'checkpoints';

/** File of a checkpoint that names all others; written last. */
export const manifestFile = 'manifest.json';

/** File of a checkpoint that holds the parameters; its names and shapes are the architecture. */
export const paramsFile = 'params.safetensors';

const temporary = '.tmp';

/** Folder name of a step: at least 8 digits, so that names sort like steps. */
export const stepName = (step: number): string => String(step).padStart(8, '0');

/** The step of a folder name, if it is one. */
export const stepOf = (name: string): number | undefined => {
  const step = /^\d{8,16}$/.test(name) ? Number(name) : undefined;
  return step !== undefined && stepName(step) === name ? step : undefined;
};

/** Name under which a step's folder is made, or waits to be removed. */
export const temporaryName = (step: number): string => stepName(step) + temporary;

/** Whether a folder was left by a save or a removal that did not finish. */
export const isTemporary = (name: string): boolean => name.endsWith(temporary);
