/** The thread that decodes: built beside the file that this one is built into. */
export const workerFile = new URL('./worker.js', import.meta.url);
