import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layouts, positions, requiredEntries } from '../../src/native/layouts.js';
import { type FieldKind, layout, Struct, stablePointers, stableWords } from '../../src/native/struct.js';

const sizes: Readonly<Record<FieldKind, number>> = { pointer: 8, size: 8, int64: 8, int32: 4, bool: 1 };

const kinds = fc.constantFrom<FieldKind>('pointer', 'size', 'int64', 'int32', 'bool');

/**
 * The size, then the offset of every field, of each struct, as gcc 12 computes them on x86-64 (`*_STRUCT_SIZE` and `offsetof`)
 * from `pjrt_c_api.h` of API version 0.81, which the wheel of xla_cpu_pjrt 0.0.1 contains.
 */
const compiled: Readonly<Record<keyof typeof layouts, readonly number[]>> = {
  Error_Destroy: [24, 16],
  Error_Message: [40, 16, 24, 32],
  Error_GetCode: [28, 16, 24],
  Plugin_Initialize: [16],
  Event_Destroy: [24, 16],
  Event_IsReady: [25, 16, 24],
  Event_Error: [24, 16],
  Event_Await: [24, 16],
  Client_Create: [88, 16, 24, 32, 40, 48, 56, 64, 72, 80],
  Client_Destroy: [24, 16],
  Client_PlatformName: [40, 16, 24, 32],
  Client_PlatformVersion: [40, 16, 24, 32],
  Client_AddressableDevices: [40, 16, 24, 32],
  Client_Compile: [56, 16, 24, 32, 40, 48],
  Program: [48, 16, 24, 32, 40],
  Client_BufferFromHostBuffer: [120, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112],
  Device_GetDescription: [32, 16, 24],
  DeviceDescription_Kind: [40, 16, 24, 32],
  Device_MemoryStats: [
    185, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160, 168, 176, 184,
  ],
  Executable_Destroy: [24, 16],
  Executable_Serialize: [56, 16, 24, 32, 40, 48],
  Executable_GetCompiledMemoryStats: [112, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104],
  Executable_DeserializeAndLoad: [64, 16, 24, 32, 40, 48, 56],
  LoadedExecutable_Destroy: [24, 16],
  LoadedExecutable_GetExecutable: [32, 16, 24],
  LoadedExecutable_Execute: [80, 16, 24, 32, 40, 48, 56, 64, 72],
  ExecuteOptions: [112, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104],
  Buffer_Destroy: [24, 16],
  Buffer_IsDeleted: [25, 16, 24],
  Buffer_ToHostBuffer: [56, 16, 24, 32, 40, 48],
};

describe('a struct', () => {
  it('has its fields in order, each aligned, none over another, with no room for one between them', () => {
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 30 }), (fields) => {
        const made = layout(Object.fromEntries(fields.map((kind, i) => [`field${i}`, kind])));
        let end = 16;
        for (const [i, kind] of fields.entries()) {
          const offset = made.fields[`field${i}`]?.offset ?? -1;
          expect(offset % sizes[kind]).toBe(0);
          expect(offset).toBeGreaterThanOrEqual(end);
          expect(offset - end).toBeLessThan(sizes[kind]);
          end = offset + sizes[kind];
        }
        expect(made.size).toBe(end);
      }),
    );
  });

  it('says its size, and zeros behind it, which a newer plugin takes for fields that are not given', () => {
    const { bytes } = new Struct(layouts.Buffer_IsDeleted, { buffer: 2n ** 64n - 1n });
    expect(Number(bytes.readBigUInt64LE(0))).toBe(bytes.length);
    expect([...bytes.subarray(24)].every((byte) => byte === 0)).toBe(true);
  });

  it('reads what was written', () => {
    const struct = new Struct(layout({ a: 'bool', b: 'int64', c: 'int32', d: 'size', e: 'pointer' }), {
      a: true,
      b: -5n,
      c: -7,
      d: 2 ** 40,
      e: 2n ** 64n - 1n,
    });
    expect((['a', 'b', 'c', 'd', 'e'] as const).map((name) => struct.read(name))).toEqual([
      1n,
      -5n,
      -7n,
      2n ** 40n,
      2n ** 64n - 1n,
    ]);
    expect(struct.number('d')).toBe(2 ** 40);
  });

  it('takes memory for its address', () => {
    const words = stableWords([1n, 2n]);
    const struct = new Struct(layouts.Event_Await, { event: words });
    expect(stablePointers([words]).readBigUInt64LE(0)).toBe(struct.read('event'));
  });
});

describe('the structs of the C API', () => {
  it.each(Object.entries(compiled))('%s lies as the C compiler lays it', (name, [size, ...offsets]) => {
    const { fields, size: ours } = layouts[name as keyof typeof layouts];
    expect(Object.values(fields).map(({ offset }) => offset)).toEqual(offsets);
    expect(ours).toBe(size);
  });

  it('the calls lie in the function table where the C compiler puts them', () => {
    // `(offsetof(PJRT_Api, …) - 40) / 8`, from the same header.
    expect(positions).toEqual({
      Error_Destroy: 0,
      Error_Message: 1,
      Error_GetCode: 2,
      Plugin_Initialize: 3,
      Event_Destroy: 5,
      Event_IsReady: 6,
      Event_Error: 7,
      Event_Await: 8,
      Client_Create: 10,
      Client_Destroy: 11,
      Client_PlatformName: 12,
      Client_PlatformVersion: 14,
      Client_AddressableDevices: 16,
      Client_Compile: 20,
      Client_BufferFromHostBuffer: 22,
      DeviceDescription_Kind: 26,
      Device_GetDescription: 29,
      Device_MemoryStats: 34,
      Executable_Destroy: 40,
      Executable_Serialize: 49,
      LoadedExecutable_Destroy: 50,
      LoadedExecutable_GetExecutable: 51,
      LoadedExecutable_Execute: 55,
      Executable_DeserializeAndLoad: 56,
      Buffer_Destroy: 58,
      Buffer_IsDeleted: 68,
      Buffer_ToHostBuffer: 70,
      Executable_GetCompiledMemoryStats: 96,
    });
    expect(requiredEntries).toBe(97);
  });
});
