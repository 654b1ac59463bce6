import type { Backend, Buffer } from '@torsor/backend';
import {
  add,
  type DType,
  dtypes,
  fromFloat64,
  type HostArray,
  hostArray,
  program,
  reshape,
  TensorValue,
  tensorType,
} from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { xlaBackend } from '../src/backend.js';
import { noCache } from '../src/native/cache.js';
import { openPlugin } from '../src/open.js';
import { built, client, done, missing, plugin, right } from './native/found.js';
import { hugeRun, longCompile, longRun, matrix } from './native/programs.js';

const opened = (): Backend => right(openPlugin(plugin(), { compileCache: null, mesh: null, precision: 'highest' }));

/** A backend that does not ask whether a program fits. */
const unchecked = (): Backend =>
  xlaBackend({
    name: 'xla',
    description: 'for tests',
    client: client(),
    devices: client().devices.slice(0, 1),
    mesh: null,
    cache: noCache,
    target: [],
    available: undefined,
    precision: 'highest',
    debug: {},
  });

const value = fromFloat64(matrix, new Float64Array(160000).fill(0.01));

const filled = (backend: Backend): Promise<Buffer> => done(backend.put(value));

const released = E.left({ _tag: 'ReleasedBuffer', type: matrix });

const bytesOf = ({ buffer, byteOffset, byteLength }: HostArray): readonly number[] => [
  ...new Uint8Array(buffer, byteOffset, byteLength),
];

/** Zeros of both signs, infinities of both signs, quiet NaNs with a payload and of both signs, one subnormal of each sign. */
const patterns: { readonly [D in DType]: readonly (number | bigint)[] } = {
  f32: [0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345, 1, 0x80000001],
  f64: [0n, 1n << 63n, 0x7ffn << 52n, 0xfffn << 52n, 0xfff8n << 48n, (0x7ff8n << 48n) + 77n, 1n, (1n << 63n) + 1n],
  bf16: [0, 0x8000, 0x7f80, 0xff80, 0x7fc0, 0xffc1, 1, 0x8001],
  f16: [0, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0xfe01, 1, 0x8001],
  i32: [0, 0x80000000, 0x7fffffff, 0xffffffff, 1, 2, 3, 4],
  u32: [0, 0x80000000, 0x7fffffff, 0xffffffff, 1, 2, 3, 4],
  bool: [0, 1, 1, 0, 0, 1, 0, 1],
};

const special = (dtype: DType): TensorValue => {
  const data = hostArray(dtype, 8);
  const view = new DataView(data.buffer);
  for (const [i, bits] of patterns[dtype].entries()) {
    if (typeof bits === 'bigint') view.setBigUint64(8 * i, bits, true);
    else if (data.BYTES_PER_ELEMENT === 4) view.setUint32(4 * i, bits, true);
    else if (data.BYTES_PER_ELEMENT === 2) view.setUint16(2 * i, bits, true);
    else view.setUint8(i, bits);
  }
  return new TensorValue(tensorType(dtype, [8]), data);
};

describe.skipIf(missing !== undefined)(`XLA${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it.each(dtypes)('a program that moves %s keeps every bit', async (dtype) => {
    const backend = opened();
    const given = special(dtype);
    const moving = built(program({ x: given.type }, ({ x }) => ({ same: x, moved: reshape(x, [2, 4]) })));
    const x = await done(backend.put(given));
    const results = await done(backend.run(await done(backend.compile(moving)), { x }));
    for (const result of Object.values(results)) {
      expect(bytesOf((await done(backend.get(result))).data)).toEqual(bytesOf(given.data));
    }
    await done(backend.release([x, ...Object.values(results)]));
    expect(backend.memory().buffers).toBe(0);
  });

  describe('while work is in flight', () => {
    it('a donated buffer is gone at once: a second run, a read and a release are refused', async () => {
      const backend = opened();
      const executable = await done(backend.compile(longRun));
      const x = await filled(backend);
      const run = () => backend.run(executable, { x }, { donate: ['x'] })();
      const [first, ...others] = await Promise.all([run(), run(), backend.get(x)(), backend.release([x])()]);
      for (const other of others) expect(other).toMatchObject(released);
      await done(backend.release([right(first).x]));
      expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0 });
    });

    it('a buffer may be released, and what began with it ends as it would have', async () => {
      const backend = opened();
      const executable = await done(backend.compile(longRun));
      const [kept, x] = [await filled(backend), await filled(backend)];
      const expected = await done(backend.run(executable, { x: kept }));
      const [ran, read] = [backend.run(executable, { x })(), backend.get(x)()];
      await done(backend.release([x]));
      expect(right(await read)).toEqual(value);
      const result = right(await ran);
      expect(await done(backend.get(result.x))).toEqual(await done(backend.get(expected.x)));
      await done(backend.release([kept, result.x, expected.x]));
      expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0 });
    });

    it("Node's event loop goes on during put, compile, run and get", async () => {
      const backend = opened();
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      const ticking = async <A>(work: Promise<A>): Promise<A> => {
        const before = ticks;
        const result = await work;
        expect(ticks).toBeGreaterThan(before);
        return result;
      };
      await ticking(done(backend.compile(longCompile)));
      const executable = await done(backend.compile(longRun));
      const x = await filled(backend);
      const result = await ticking(done(backend.run(executable, { x })));
      clearInterval(timer);
      await done(backend.release([x, result.x]));
    });
  });

  describe('too little memory', () => {
    it('refuses a program that no device can hold before it runs, and says what it needs', async () => {
      const backend = opened();
      expect(await backend.compile(hugeRun)()).toMatchObject({
        left: {
          _tag: 'RuntimeFailure',
          during: 'compile',
          message: expect.stringMatching(
            /does not fit: .* 262000 GiB for outputs .* the device has [\d.]+ GiB; a smaller/,
          ),
        },
      });
      expect(backend.memory().buffers).toBe(0);
    });

    it('a run that fails leaves its inputs to the caller, leaves no output, and says what was needed', async () => {
      const backend = unchecked();
      const executable = await done(backend.compile(hugeRun));
      const x = await done(backend.put(fromFloat64(tensorType('f32'), [3])));
      const inputs = { x } as never;
      for (const donate of [[], ['x']]) {
        expect(await backend.run(executable, inputs, { donate })()).toMatchObject({
          left: {
            _tag: 'RuntimeFailure',
            during: 'run',
            message: expect.stringMatching(/RESOURCE_EXHAUSTED.*GiB for/),
          },
        });
        expect(backend.memory()).toMatchObject({ buffers: 1, bytes: 4 });
      }
      const plus = built(program({ x: tensorType('f32') }, (given) => add(given.x, 1)));
      const y = await done(backend.run(await done(backend.compile(plus)), { x }));
      expect((await done(backend.get(y))).data).toEqual(Float32Array.of(4));
      await done(backend.release([x, y]));
      expect(backend.memory().buffers).toBe(0);
    });
  });
});
