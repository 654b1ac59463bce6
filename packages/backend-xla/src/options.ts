import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A value of XLA's debug options. */
export type DebugOption = boolean | number | string;

/** How a program is compiled. */
export type CompileSettings = {
  /** Devices that one program is split over. */
  readonly partitions: number;
  /** XLA's debug options by name. @source OpenXLA `xla/xla.proto` `DebugOptions` */
  readonly debug: Readonly<Record<string, DebugOption>>;
};

type Write = (to: BinaryWriter) => BinaryWriter;

const integer = (to: BinaryWriter, field: number, value: number): BinaryWriter =>
  to.tag(field, WireType.Varint).int64(value);

const text = (to: BinaryWriter, field: number, content: string): BinaryWriter =>
  to.tag(field, WireType.LengthDelimited).string(content);

const message = (to: BinaryWriter, field: number, write: Write): BinaryWriter =>
  write(to.tag(field, WireType.LengthDelimited).fork()).join();

const override =
  (value: DebugOption): Write =>
  (to) => {
    if (typeof value === 'string') return text(to, 1, value);
    if (typeof value === 'boolean') return integer(to, 2, Number(value));
    return Number.isInteger(value) && value >= 0 ? integer(to, 3, value) : to.tag(4, WireType.Bit64).double(value);
  };

/** One replica; partition `i` on device `i`. */
const deviceAssignment =
  (partitions: number): Write =>
  (to) => {
    integer(integer(to, 1, 1), 2, partitions);
    // a packed list of the one replica's device
    for (let device = 0; device < partitions; device++) {
      message(to, 3, (inner) => message(inner, 1, (list) => list.int64(device)));
    }
    return to;
  };

const buildOptions =
  (partitions: number): Write =>
  (to) => {
    const split = partitions > 1;
    // which device: of several, the assignment says it
    if (!split) integer(to, 1, -1);
    integer(integer(to, 4, 1), 5, partitions);
    if (split) integer(to, 6, 1);
    message(to, 9, deviceAssignment(partitions));
    return split ? integer(to, 19, 1) : to;
  };

/**
 * The options of a compilation as PJRT takes them.
 *
 * @source OpenXLA `xla/pjrt/proto/compile_options.proto` `CompileOptionsProto`
 */
export const compileOptions = ({ partitions, debug }: CompileSettings): Uint8Array => {
  const to = message(new BinaryWriter(), 3, buildOptions(partitions));
  for (const [name, value] of Object.entries(debug)) {
    message(to, 7, (entry) => message(text(entry, 1, name), 2, override(value)));
  }
  return to.finish();
};
