import { expect, it } from 'vitest';
import { compileOptions } from '../src/options.js';

/*
 * What jaxlib 0.10.2 writes (`xla_client.CompileOptions.SerializeAsString()`) for the fields that are set here; it also
 * writes XLA's defaults into `debug_options` and leaves empty messages, which are left out. Field 3 is
 * `executable_build_options`, 7 an entry of `env_option_overrides`.
 */
const buildOptions = {
  one: '08ffffffffffffffffff01' + '2001' + '2801' + '4a09' + '080110011a030a0100',
  // Without `device_ordinal`, which is absent for several devices.
  four: '2001' + '2804' + '3001' + '4a18' + '080110041a030a01001a030a01011a030a01021a030a0103' + '980101',
};

const overrides = {
  n: '0a016e' + '1203' + '18ac02',
  xla_allow_excess_precision: '0a1a786c615f616c6c6f775f6578636573735f707265636973696f6e' + '1202' + '1000',
  xla_dump_to: '0a0b786c615f64756d705f746f' + '1203' + '0a0178',
  xla_f: '0a05786c615f66' + '1209' + '21000000000000f83f',
};

const message = (field: number, content: string): string =>
  Buffer.from([field * 8 + 2, content.length / 2]).toString('hex') + content;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

it('writes the options of one device as jaxlib does', () => {
  expect(hex(compileOptions({ partitions: 1, debug: {} }))).toBe(message(3, buildOptions.one));
});

it('writes those of several devices, and the debug options by their kinds, as jaxlib does', () => {
  const debug = { n: 300, xla_allow_excess_precision: false, xla_dump_to: 'x', xla_f: 1.5 };
  expect(hex(compileOptions({ partitions: 4, debug }))).toBe(
    message(3, buildOptions.four) +
      Object.values(overrides)
        .map((override) => message(7, override))
        .join(''),
  );
});
