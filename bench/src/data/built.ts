/** Threads start from built files: what is measured is the built package. */
export const built = (): Promise<typeof import('@torsor/video')> =>
  import(new URL('../../../packages/video/dist/index.js', import.meta.url).href);
