import { parquetMetadata } from 'hyparquet';
import { parquetOf } from '../test/dataset-on-disk.js';
const whole = new Uint8Array(parquetOf({ state: [[1, 2], [3, 4]], action: [[1, 2], [3, 4]] }));
const m=parquetMetadata(whole);
for (const c of m.row_groups[0]!.columns) console.log(c.meta_data!.path_in_schema[0], c.meta_data!.data_page_offset, c.meta_data!.dictionary_page_offset, c.meta_data!.total_compressed_size, c.meta_data!.encodings.join());
const b=whole.slice(); b[127]^=82;
const c=m.row_groups[0]!.columns; 
import { parquetHeader } from 'hyparquet/src/column.js';
const off=Number(c[1]!.meta_data!.data_page_offset);
for (const x of [whole,b]) { const r={view:new DataView(x.buffer, off, Number(c[1]!.meta_data!.total_compressed_size)),offset:0}; try{console.log(off, parquetHeader(r), r.offset);}catch(e){console.log(String(e))} }
