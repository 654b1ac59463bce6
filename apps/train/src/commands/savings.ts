import { type DoesNotFit, type Saving, showBytes } from '@torsor/planning';
import { showMesh } from '@torsor/sharding';

/** The flags that make a saving. */
const flagsOf = ({ mesh, batchSize, gradientAccumulation, keepsLayers, averages }: Saving): string =>
  [
    ...(averages === false ? ['--set emaDecay=null'] : []),
    ...(keepsLayers === false ? ['--set model.remat=carry'] : []),
    ...(mesh === undefined ? [] : [`--mesh ${showMesh(mesh)}`]),
    ...(gradientAccumulation === undefined ? [] : [`--set gradientAccumulation=${gradientAccumulation}`]),
    ...(batchSize === undefined ? [] : [`--batch-size ${batchSize}`]),
  ].join(' ');

/** One sentence: what is needed, what is there, and the flags that help. */
export const showDoesNotFit = ({ needed, memory, remedy }: DoesNotFit): string =>
  [
    `an update needs ${showBytes(needed)} on each device, which has ${showBytes(memory)} (a tenth is left free)`,
    remedy === null
      ? 'neither more devices, smaller parts of the batch nor training without averages make it fit: a smaller model does'
      : `with ${flagsOf(remedy.saving)} it needs ${showBytes(remedy.needed)}`,
  ].join('; ');
