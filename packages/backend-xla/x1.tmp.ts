import { openPlugin } from '/work/main/packages/backend-xla/src/index.js';
import { program, tensorType, fromFloat64, add, tanh, toFloat64, dotGeneral, reduceSum } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
const path = process.argv[2]!;
const b = openPlugin({ path, preload: [] }, { compileCache: '/tmp/scratch/xcache', mesh: null, precision: 'highest' });
if (E.isLeft(b)) { console.log(b.left); process.exit(1); }
const be = b.right; console.log(be.capabilities.description, be.memory());
const p = program({ x: tensorType('f32', [4, 4]), s: tensorType('f32',[4,4]) }, ({ x, s }) => ({ s: add(s, tanh(dotGeneral(x, x, { contract: [[1], [0]] }))), l: reduceSum(x) }));
if (E.isLeft(p)) throw p.left;
const run = async () => {
  let t = performance.now();
  const ex = await be.compile(p.right)(); if (E.isLeft(ex)) { console.log(ex.left); return; }
  console.log('compile', performance.now() - t);
  const v = fromFloat64(tensorType('f32', [4, 4]), Float64Array.from({ length: 16 }, (_, i) => i / 16));
  const x = await be.put(v)(); let s: any = await be.put(v)(); if (E.isLeft(x)) throw x.left; s = s.right;
  for (let i = 0; i < 3; i++) {
    const r: any = await be.run(ex.right, { x: x.right, s } as any, { donate: ['s'] })();
    if (E.isLeft(r)) { console.log(r); return; }
    s = r.right.s; const g: any = await be.get(s)(); console.log(toFloat64(g.right).slice(0, 4));
  }
  t = performance.now();
  for (let i = 0; i < 1000; i++) { const r: any = await be.run(ex.right, { x: x.right, s } as any, { donate: ['s'] })(); s = r.right.s; await be.release([r.right.l])(); }
  console.log('us per step', performance.now() - t, be.memory());
};
await run();
