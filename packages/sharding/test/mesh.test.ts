import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { deviceCount, extentOver, parseMesh, showMesh, showShardingError } from '../src/index.js';
import { positionOver } from '../src/mesh.js';
import { meshes } from './meshes.js';

const refusal = (text: string): string => E.match(showShardingError, () => 'accepted')(parseMesh(text));

describe('parseMesh', () => {
  it('reads what showMesh writes', () => {
    fc.assert(
      fc.property(meshes, (mesh) => {
        expect(parseMesh(showMesh(mesh))).toEqual(E.right(mesh));
      }),
    );
  });

  it('keeps the order and allows spaces', () => {
    expect(parseMesh('fsdp=4, data=2')).toEqual(
      E.right({
        axes: [
          { name: 'fsdp', size: 4 },
          { name: 'data', size: 2 },
        ],
      }),
    );
  });

  it.each([
    ['', "mesh '': '' is not name=count"],
    ['data', "'data' is not name=count"],
    ['data=2,', "'' is not name=count"],
    ['data=-1', "'data=-1' is not name=count"],
    ['data=1.5', "'data=1.5' is not name=count"],
    ['model=2', "mesh axis 'model' is unknown; use data, fsdp, tensor"],
    ['data=0', 'mesh axis data=0: give at least 1 device'],
    ['data=99999999999999999999', 'give at least 1 device'],
    ['data=2,data=2', 'mesh axis data is named twice'],
  ])('refuses %j', (text, message) => {
    expect(refusal(text)).toContain(message);
  });
});

describe('devices', () => {
  it('are numbered row-major: their positions over all axes are their numbers', () => {
    fc.assert(
      fc.property(meshes, (mesh) => {
        const names = mesh.axes.map(({ name }) => name);
        expect(extentOver(mesh, names)).toBe(deviceCount(mesh));
        for (let device = 0; device < deviceCount(mesh); device++)
          expect(positionOver(mesh, names, device)).toBe(device);
      }),
    );
  });

  it('an axis that is not there does not split', () => {
    expect(extentOver({ axes: [{ name: 'data', size: 4 }] }, ['fsdp', 'data'])).toBe(4);
  });
});
