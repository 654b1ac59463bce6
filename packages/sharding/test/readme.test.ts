import { tensorType } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { type Mesh, paramSpec, parseMesh, showShardingError } from '../src/index.js';

it('the example of the README runs', () => {
  const laidOut = E.match(showShardingError, (mesh: Mesh) =>
    JSON.stringify(paramSpec(mesh)('layers/mlp/linear', tensorType('f32', [18, 16384, 2048]))),
  )(parseMesh('fsdp=4,tensor=2'));
  expect(laidOut).toBe('[[],["tensor"],["fsdp"]]');
});
