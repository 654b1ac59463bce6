import { EventEmitter } from 'node:events';
import * as E from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { type Interrupted, watchInterrupts } from '../../src/run/interrupt.js';

it('remembers the first signal, and hands on the second', () => {
  const source = new EventEmitter();
  const first: Interrupted[] = [];
  const second: Interrupted[] = [];
  const interrupts = watchInterrupts(
    source,
    (interrupted) => first.push(interrupted),
    (interrupted) => second.push(interrupted),
  );
  expect(interrupts.poll()).toEqual(E.right(undefined));
  source.emit('SIGINT');
  expect(interrupts.poll()).toEqual(E.left({ _tag: 'Interrupted', signal: 'SIGINT' }));
  source.emit('SIGTERM');
  expect(interrupts.poll()).toEqual(E.left({ _tag: 'Interrupted', signal: 'SIGINT' }));
  expect([first.length, second.map(({ signal }) => signal)]).toEqual([1, ['SIGTERM']]);
  interrupts.close();
  expect(source.eventNames()).toEqual([]);
});
