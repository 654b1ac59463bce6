/*
 * What a plugin's file says of itself, read before any of its code runs. Each open of a plugin asks this; `trial.ts` does not
 * make it unnecessary: it starts a process, runs whatever the library runs when it is loaded, and of a file that is cut short
 * knows only the signal that ended the process, not how many bytes are missing or which processor it was made for.
 */

/** Where a table of an ELF file lies. */
export type Table = {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
};

/** What the header of a 64-bit little-endian ELF file says. @source System V ABI, chapter 4 "Object Files" */
export type ElfHeader = {
  readonly machine: number;
  readonly isLibrary: boolean;
  readonly programs: Table;
  readonly sections: Table;
};

/** A range of a file. */
export type Range = {
  readonly offset: number;
  readonly size: number;
};

/** A section's header. */
export type Section = Range & {
  readonly type: number;
  /** Number of the section that this one refers to: of a symbol table, its strings. */
  readonly link: number;
};

/** Bytes of the header. */
export const headerSize = 64;

const class64 = 2;
const littleEndian = 1;
const sharedObject = 3;
const noBits = 8;
const dynamicSymbolsKind = 11;
const programSize = 56;
const sectionSize = 64;
const symbolSize = 24;

/** `e_machine` by Node's name of the architecture. */
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183, ia32: 3, arm: 40, ppc64: 21, riscv64: 243 };

/** `e_machine` of a process; `undefined` where it is not known. */
export const machineOf = (architecture: string): number | undefined => machines[architecture];

/** Node's name of an `e_machine`. */
export const architectureOf = (machine: number): string =>
  Object.entries(machines).find(([, code]) => code === machine)?.[0] ?? `ELF machine ${machine}`;

const word = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

/** The header in the first bytes of a file; `undefined` when they are no 64-bit little-endian ELF. */
export const readHeader = (bytes: Buffer): ElfHeader | undefined => {
  if (bytes.length < headerSize || bytes.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  if (bytes[4] !== class64 || bytes[5] !== littleEndian) return undefined;
  const table = (offset: number, sizes: number): Table => ({
    offset: word(bytes, offset),
    entrySize: bytes.readUInt16LE(sizes),
    count: bytes.readUInt16LE(sizes + 2),
  });
  return {
    machine: bytes.readUInt16LE(18),
    isLibrary: bytes.readUInt16LE(16) === sharedObject,
    programs: table(32, 54),
    sections: table(40, 58),
  };
};

/** Whether the entries of both tables have the size that this reader expects, where there are any. */
export const isRegular = ({ programs, sections }: ElfHeader): boolean =>
  (programs.count === 0 || programs.entrySize === programSize) &&
  (sections.count === 0 || sections.entrySize === sectionSize);

/** The bytes that a table takes. */
export const rangeOf = ({ offset, entrySize, count }: Table): Range => ({ offset, size: entrySize * count });

/** The entries of a table, each decoded by `read` at its place. */
const entriesOf = <A>({ entrySize, count }: Table, read: (at: number) => A): readonly A[] =>
  Array.from({ length: count }, (_, i) => read(i * entrySize));

/** The parts of the file that are loaded, from the table of program headers. */
export const readSegments = (header: ElfHeader, bytes: Buffer): readonly Range[] =>
  entriesOf(header.programs, (at) => ({ offset: word(bytes, at + 8), size: word(bytes, at + 32) }));

/** The sections, from the table of section headers; one without bytes in the file has size 0. */
export const readSections = (header: ElfHeader, bytes: Buffer): readonly Section[] =>
  entriesOf(header.sections, (at) => {
    const type = bytes.readUInt32LE(at + 4);
    const size = type === noBits ? 0 : word(bytes, at + 32);
    return { type, offset: word(bytes, at + 24), size, link: bytes.readUInt32LE(at + 40) };
  });

/** The table of dynamic symbols and its strings; `undefined` when there is none. */
export const dynamicSymbols = (sections: readonly Section[]): readonly [Section, Section] | undefined => {
  const symbols = sections.find(({ type }) => type === dynamicSymbolsKind);
  const strings = symbols === undefined ? undefined : sections[symbols.link];
  return symbols === undefined || strings === undefined ? undefined : [symbols, strings];
};

/** Whether a table of symbols defines a name. */
export const defines = (symbols: Buffer, strings: Buffer, name: string): boolean => {
  const wanted = Buffer.from(`${name}\0`);
  for (let at = 0; at + symbolSize <= symbols.length; at += symbolSize) {
    const text = symbols.readUInt32LE(at);
    const section = symbols.readUInt16LE(at + 6);
    if (section !== 0 && strings.subarray(text, text + wanted.length).equals(wanted)) return true;
  }
  return false;
};
