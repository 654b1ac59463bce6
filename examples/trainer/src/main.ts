import * as E from 'fp-ts/lib/Either.js';
import { trainer } from './trainer.js';

const out = 'runs/clock';
const ended = await trainer(out, 200, (event) => {
  if (event._tag === 'Metrics') console.log(JSON.stringify(event.line));
  else if (event.step % 50 === 0) console.log(`${event.step} of ${event.steps}, loss ${event.loss.toPrecision(3)}`);
})();
console.log(E.isLeft(ended) ? ended.left : `${ended.right.host.step} updates; with more steps it goes on from ${out}`);
