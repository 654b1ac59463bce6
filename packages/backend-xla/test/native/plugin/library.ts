/** What a made-up library says of itself. */
export type LibraryOptions = {
  /** `e_machine` of the System V ABI: 62 is x86-64, 183 AArch64. */
  readonly machine: number;
  /** A function that it defines. */
  readonly defined: string;
  /** One that it only needs. */
  readonly needed: string;
};

const symbol = (name: number, section: number): Buffer => {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(name, 0);
  bytes.writeUInt16LE(section, 6);
  return bytes;
};

const section = (type: number, offset: number, size: number, link: number): Buffer => {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(type, 4);
  bytes.writeBigUInt64LE(BigInt(offset), 24);
  bytes.writeBigUInt64LE(BigInt(size), 32);
  bytes.writeUInt32LE(link, 40);
  return bytes;
};

/** An ELF shared library after the System V ABI, chapters 4 and 5: header, one segment, symbols, strings, section headers. */
export const library = ({ machine, defined, needed }: LibraryOptions): Buffer => {
  const strings = Buffer.from(`\0${defined}\0${needed}\0`);
  const symbols = Buffer.concat([symbol(0, 0), symbol(1, 1), symbol(2 + defined.length, 0)]);
  const [symbolsAt, stringsAt] = [120, 120 + symbols.length];
  const sectionsAt = stringsAt + strings.length;
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 0, 'latin1');
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(machine, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeBigUInt64LE(BigInt(sectionsAt), 40);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(4, 60);
  const segment = Buffer.alloc(56);
  segment.writeBigUInt64LE(BigInt(sectionsAt), 32);
  const sections = [
    section(0, 0, 0, 0),
    section(11, symbolsAt, symbols.length, 2),
    section(3, stringsAt, strings.length, 0),
    // like .bss: large, and not in the file
    section(8, sectionsAt, 1e9, 0),
  ];
  return Buffer.concat([header, segment, symbols, strings, ...sections]);
};

/** A plugin as far as its tables go, for the machine that runs the tests. */
export const hostPlugin = (): Buffer =>
  library({ machine: process.arch === 'arm64' ? 183 : 62, defined: 'GetPjrtApi', needed: 'malloc' });
