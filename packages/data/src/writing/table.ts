import type { KeyValue, SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';

/** What a value of a column is. */
export type CellType = 'float' | 'double' | 'int' | 'bool' | 'text';

/** A column of a parquet file: one value a row, a list (`depth` 1) or lists of lists, or an encoded picture. */
export type TableColumn =
  | { readonly name: string; readonly type: CellType; readonly depth: number; readonly data: readonly unknown[] }
  | {
      readonly name: string;
      readonly type: 'picture';
      readonly data: readonly { readonly bytes: Uint8Array; readonly path: string }[];
    };

const leaves: { readonly [type in CellType]: Omit<SchemaElement, 'name'> } = {
  float: { type: 'FLOAT' },
  double: { type: 'DOUBLE' },
  int: { type: 'INT64' },
  bool: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
};

const optional = { repetition_type: 'OPTIONAL' } as const;

const valueSchema = (name: string, type: CellType, depth: number): SchemaElement[] =>
  depth === 0
    ? [{ name, ...optional, ...leaves[type] }]
    : [
        { name, ...optional, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...valueSchema('element', type, depth - 1),
      ];

const columnSchema = (column: TableColumn): SchemaElement[] =>
  column.type === 'picture'
    ? [
        { name: column.name, ...optional, num_children: 2 },
        { name: 'bytes', ...optional, type: 'BYTE_ARRAY' },
        ...valueSchema('path', 'text', 0),
      ]
    : valueSchema(column.name, column.type, column.depth);

/** The parquet schema of some columns: every field optional, vectors as LIST, as pyarrow writes them. */
const schemaOf = (columns: readonly TableColumn[]): SchemaElement[] => [
  { name: 'schema', repetition_type: 'REQUIRED', num_children: columns.length },
  ...columns.flatMap(columnSchema),
];

// A dictionary would take -0 and 0 for one value, and pays for no picture.
const isPlain = ({ type }: TableColumn): boolean => type === 'float' || type === 'double' || type === 'picture';

const sourceOf = (column: TableColumn): ColumnSource => ({
  name: column.name,
  data: [...column.data],
  offsetIndex: false,
  ...(isPlain(column) ? { encoding: 'PLAIN' as const } : {}),
  ...(column.type === 'picture' ? { statistics: false } : {}),
});

/** What wrote a file, as parquet records it. */
export const createdBy = 'torsor';

/** A parquet file of one row group, snappy. */
export const writeTable = (columns: readonly TableColumn[], metadata: KeyValue[]): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map(sourceOf),
      schema: schemaOf(columns),
      codec: 'SNAPPY',
      rowGroupSize: Math.max(1, columns[0]?.data.length ?? 1),
      kvMetadata: metadata,
      createdBy,
    }),
  );
