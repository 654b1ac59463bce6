import { appendFileSync, writeFileSync } from 'node:fs';
import { makeScratch } from '../src/parquet/scratch.js';
import { readTable } from '../src/parquet/table.js';
import { parquetOf } from '../test/dataset-on-disk.js';
const whole = new Uint8Array(parquetOf({ state: [[1, 2], [3, 4]], action: [[1, 2], [3, 4]] }));
const columns=[{ name: 'observation.state', width:2, dtype: 'float32' },{ name: 'action', width: 2, dtype: 'float32' },{ name: 'frame_index', width: 1, dtype: 'int64' }];
console.log(whole.length);
const start=Number(process.argv[2]??0);
for (let at=start; at<whole.length; at++) for (let f=Number(process.argv[3]??1); f<Number(process.argv[4]??256); f++){ const b=whole.slice(); b[at]=b[at]!^f; writeFileSync('/tmp/scratch/data/last', at+' '+f); const t=performance.now();
 await readTable({file:'x',columns,checkRows:(r)=>r<=10000?undefined:{_tag:'CorruptParquet',file:'x',cause:''}}, b, makeScratch()); const d=performance.now()-t; if(d>200) console.log('slow',at,f,d|0);}
console.log('done');
