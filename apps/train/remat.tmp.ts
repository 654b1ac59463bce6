import { batchTypes, computeLoss, paramTypes, pi0Config } from '@torsor/models';
import { type Graph, mean, program, sizeOf, valueAndGrad, printGraph, simplify } from '@torsor/tensor';
import * as E from 'fp-ts/lib/Either.js';
import { readFileSync } from 'node:fs';
const ok = (e: any): any => { if (E.isLeft(e)) throw new Error(JSON.stringify(e.left).slice(0, 2000)); return e.right; };
const name = process.argv[2]!;
const c = name === 'pi0' ? undefined : JSON.parse(readFileSync('/work/main/bench/peer/configs.json', 'utf8'))[name];
const nodes = (g: Graph): any[] => { const seen = new Set<any>(); const out: any[] = []; const st: any[] = g.outputs.map((o: any) => o.node); while (st.length) { const n = st.pop(); if (seen.has(n)) continue; seen.add(n); if (n._tag === 'Apply') { out.push(n); st.push(...n.operands.map((o: any) => o.node)); } } return out; };
const dotFlops = (n: any): number => { const { batchDims, contracting, lhsContracting, lhsContract } = n.params; const dims = lhsContracting ?? lhsContract ?? contracting?.[0] ?? contracting?.lhs ?? n.params.contract?.[0]; const k = dims === undefined ? NaN : dims.reduce((p: number, a: number) => p * n.operands[0].type.shape[a], 1); return 2 * k * sizeOf(n.results[0].type.shape); };
const flops = (g: Graph): number => nodes(g).reduce((s, n) => s + (n.primitive.name === 'dot_general' ? dotFlops(n) : n.params?.body ? (n.params.length ?? 1) * flops(n.params.body) : 0), 0);
let shown = false;
for (const remat of ['carry', 'dots', 'none'] as const) {
  const policy: any = c === undefined ? { ...pi0Config, remat } : { paligemma: c.gemma, actionExpert: c.expert, vocabSize: c.vocab, actionDim: c.actionDim, actionHorizon: c.actionHorizon, maxTokenLen: c.maxTokenLen, paramDtype: 'f32', computeDtype: process.env['DT'] ?? 'f32', remat };
  const b = c?.batch ?? 32;
  const t = performance.now();
  const p: any = ok(program({ params: paramTypes(policy), batch: batchTypes(policy, b) } as any, ({ params, batch }: any) => valueAndGrad((q: any) => mean(computeLoss(policy, q, batch)))(params) as any));
  const ms = performance.now() - t;
  const all = nodes(p.graph);
  if (!shown) { console.log(JSON.stringify(all.find((n) => n.primitive.name === 'dot_general')?.params)); shown = true; }
  const scans = all.filter((n) => n.primitive.name === 'scan');
  console.log(remat, 'build ms', ms.toFixed(0), 'Gflop', (flops(p.graph) / 1e9).toFixed(3));
  for (const s of scans) {
    const q = s.params; const inner = nodes(q.body);
    const seqs = s.operands.slice(q.numConsts + q.numCarry); const outs = s.results.slice(q.numCarry);
    const mb = (l: any[]) => l.reduce((x, e) => x + sizeOf(e.type.shape) * 4, 0) / 1e6;
    console.log('  scan', q.reverse ? 'bwd' : 'fwd', 'dots', inner.filter((n) => n.primitive.name === 'dot_general').length, 'nodes', inner.length, 'consts', q.numConsts, 'carry', q.numCarry, 'seqs', seqs.length, 'distinct', new Set(seqs).size, 'stacked', outs.length, 'distinct', new Set(q.body.outputs.slice(q.numCarry)).size, 'stackedMB', mb(outs).toFixed(1));
    if (process.env['SHOW'] === remat && !q.reverse) for (const o of q.body.outputs.slice(q.numCarry)) console.log('    ', o.node._tag === 'Apply' ? o.node.primitive.name + '(' + o.node.operands.map((x: any) => x.node.primitive?.name ?? x.node.name).join(',') + ')' : o.node.name, o.type.dtype, o.type.shape.join('x'));
  }
  if (process.env['IDEM']) console.log('  idempotent', printGraph(simplify(p.graph)) === printGraph(p.graph));
}
