import { existsSync } from 'node:fs';

/** Whether the driver of an NVIDIA GPU shows one on this machine. */
export const hasNvidiaGpu = (): boolean => existsSync('/dev/nvidia0');
