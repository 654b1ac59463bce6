/** A value of XLA's debug options. */
export type DebugOption = boolean | number | string;

/** How a program is compiled. */
export type CompileSettings = {
  /** Devices that one program is split over. */
  readonly partitions: number;
  /** XLA's debug options by name. @source OpenXLA `xla/xla.proto` `DebugOptions` */
  readonly debug: Readonly<Record<string, DebugOption>>;
};

/*
 * Protobuf's wire format, as much of it as the options need: a field is its number and kind in one varint, then a varint
 * (kind 0), eight bytes (kind 1), or a length and as many bytes (kind 2).
 */
const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
};

const integer = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];

const bytes = (field: number, content: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];

const text = (field: number, content: string): number[] => bytes(field, [...new TextEncoder().encode(content)]);

const double = (field: number, value: number): number[] => [
  ...varint(field * 8 + 1),
  ...new Uint8Array(new Float64Array([value]).buffer),
];

/** −1 as a varint of 64 bits. */
const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];

const override = (value: DebugOption): number[] => {
  if (typeof value === 'string') return text(1, value);
  if (typeof value === 'boolean') return integer(2, Number(value));
  return Number.isInteger(value) && value >= 0 ? integer(3, value) : double(4, value);
};

/** One replica; partition `i` on device `i`. */
const deviceAssignment = (partitions: number): number[] => [
  ...integer(1, 1),
  ...integer(2, partitions),
  ...Array.from({ length: partitions }, (_, device) => bytes(3, bytes(1, varint(device)))).flat(),
];

const buildOptions = (partitions: number): number[] => [
  ...(partitions === 1 ? [...varint(1 * 8), ...minusOne] : []),
  ...integer(4, 1),
  ...integer(5, partitions),
  ...(partitions === 1 ? [] : integer(6, 1)),
  ...bytes(9, deviceAssignment(partitions)),
  ...(partitions === 1 ? [] : integer(19, 1)),
];

/**
 * The options of a compilation as PJRT takes them.
 *
 * @source OpenXLA `xla/pjrt/proto/compile_options.proto` `CompileOptionsProto`
 */
export const compileOptions = ({ partitions, debug }: CompileSettings): Uint8Array =>
  Uint8Array.from([
    ...bytes(3, buildOptions(partitions)),
    ...Object.entries(debug).flatMap(([name, value]) => bytes(7, [...text(1, name), ...bytes(2, override(value))])),
  ]);
