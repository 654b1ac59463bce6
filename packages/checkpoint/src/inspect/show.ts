import type { InspectedFile, Inspection } from './inspection.js';
import { type NameNode, nameTree } from './name-tree.js';

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in the largest decimal unit that leaves at least 1, for example `1.5 MB`. */
const showBytes = (bytes: number): string => {
  const unit = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return unit === 0 ? `${bytes} B` : `${(bytes / 1000 ** unit).toPrecision(3)} ${units[unit]}`;
};

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

const nodeLines = (node: NameNode, indent: string): readonly string[] => {
  const { tensor } = node;
  const hash = tensor?.sha256 === undefined ? '' : `  sha256 ${tensor.sha256}`;
  const what = tensor === undefined ? `${grouped(node.elements)} in all` : `${tensor.dtype}[${tensor.shape.join(',')}]`;
  return [
    `${indent}${node.label}  ${what}  ${showBytes(node.bytes)}${hash}`,
    ...node.children.flatMap((child) => nodeLines(child, `${indent}  `)),
  ];
};

const fileLine = ({ name, bytes, sha256 }: InspectedFile): string =>
  `  ${name}  ${grouped(bytes)} bytes${sha256 === undefined ? '' : `  sha256 ${sha256}`}`;

const dtypeLine = ({ tensors }: Inspection): string => {
  const byDType = new Map<string, number>();
  for (const { dtype, elements } of tensors) byDType.set(dtype, (byDType.get(dtype) ?? 0) + elements);
  return [...byDType].map(([dtype, elements]) => `${grouped(elements)} ${dtype}`).join(', ');
};

const treeLines = ({ files, tensors }: Inspection): readonly string[] =>
  files.flatMap(({ name }) => {
    const inside = tensors.filter(({ file }) => file === name);
    return inside.length === 0
      ? []
      : [`${name}: ${inside.length} tensors`, ...nameTree(inside).children.flatMap((child) => nodeLines(child, '  '))];
  });

const indented = (value: unknown): readonly string[] =>
  JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => `  ${line}`);

const provenanceLines = ({ provenance: { manifest, conversion } }: Inspection): readonly string[] => [
  ...(manifest === null ? [] : ['manifest', ...indented(manifest)]),
  ...(conversion === null ? [] : ['conversion', ...indented(conversion)]),
];

const kinds = {
  checkpoint: 'a checkpoint',
  sharded: 'safetensors in several files',
  single: 'one safetensors file',
  orbax: 'what Orbax saved',
};

/** An inspection as lines for a reader: what it is, its files, its tensors as a tree, where it comes from, and what does not agree. */
export const showInspection = (inspection: Inspection): string => {
  const { path, kind, names, files, parameters, notes } = inspection;
  const whose = names === null ? 'names of no known format' : `${names.family} by the names of ${names.format}`;
  return [
    `${path}: ${kinds[kind]}, ${whose}`,
    `${grouped(parameters)} parameters; elements stored: ${dtypeLine(inspection)}`,
    'files',
    ...files.map(fileLine),
    ...treeLines(inspection),
    ...provenanceLines(inspection),
    ...(notes.length === 0 ? [] : ['does not agree', ...notes.map((note) => `  ${note}`)]),
    '',
  ].join('\n');
};

/** An inspection as one JSON document. */
export const inspectionJson = (inspection: Inspection): string => `${JSON.stringify(inspection, null, 2)}\n`;
