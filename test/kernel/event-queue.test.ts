import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from '../../src/kernel/event-queue.ts';
import { NEVER } from '../../src/kernel/time.ts';
import { runs } from '../support/runs.ts';

it('an empty queue has nothing next', () => {
  const queue = new EventQueue(3);
  expect(queue.next).toBe(-1);
  expect(queue.timeOf(1)).toBe(NEVER);
  queue.cancel(1);
  expect(queue.next).toBe(-1);
});

it('ties go by rank, then by actor (D4)', () => {
  const queue = new EventQueue(4);
  queue.schedule(3, 5, 1);
  queue.schedule(2, 5, 2);
  queue.schedule(1, 5, 2);
  queue.schedule(0, 6, 0);
  const order: number[] = [];
  while (queue.next >= 0) {
    order.push(queue.next);
    queue.cancel(queue.next);
  }
  expect(order).toEqual([3, 1, 2, 0]);
});

it('an actor has one turn: scheduling it again moves it', () => {
  const queue = new EventQueue(2);
  queue.schedule(0, 1, 0);
  queue.schedule(1, 2, 0);
  queue.schedule(0, 3, 7);
  expect([queue.next, queue.timeOf(0), queue.rankOf(0)]).toEqual([1, 3, 7]);
  queue.schedule(0, 1, 0);
  expect(queue.next).toBe(0);
});

it('behaves as a sorted list would, whatever is scheduled, moved, handled and cancelled (D4)', () => {
  const step = fc.record({
    actor: fc.nat(9),
    at: fc.oneof(fc.nat(5), fc.nat(40)),
    rank: fc.nat(8),
    what: fc.constantFrom('schedule', 'schedule', 'cancel', 'handle', 'handle'),
    /** Of one that is handled: what its actor does next. */
    follows: fc.constantFrom('nothing', 'at once', 'schedule'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = new EventQueue(10);
      const model = new Map<number, { at: number; rank: number }>();
      let clock = 0;
      for (const { actor: any, at, rank, what, follows } of steps) {
        const isHandling = what === 'handle' && queue.next >= 0;
        const actor = isHandling ? queue.next : any;
        if (isHandling) {
          clock = queue.nextAt;
          queue.handle(actor);
          expect(queue.timeOf(actor)).toBe(NEVER);
        }
        const time = clock + (follows === 'at once' ? 0 : at);
        if (what === 'cancel' || (isHandling && follows === 'nothing')) model.delete(actor);
        else if (what !== 'handle' || isHandling) model.set(actor, { at: time, rank });
        if (what === 'cancel') queue.cancel(actor);
        else if (what === 'schedule' || (isHandling && follows !== 'nothing')) queue.schedule(actor, time, rank);
        if (isHandling) queue.handled();
        const [first] = [...model].sort(([a, x], [b, y]) => x.at - y.at || x.rank - y.rank || a - b);
        expect(queue.next).toBe(first?.[0] ?? -1);
        if (first !== undefined) expect([queue.nextAt, queue.nextRank]).toEqual([first[1].at, first[1].rank]);
        for (let one = 0; one < 10; one++) {
          expect(queue.timeOf(one)).toBe(model.get(one)?.at ?? NEVER);
          if (model.has(one)) expect(queue.rankOf(one)).toBe(model.get(one)!.rank);
        }
      }
    }),
    { numRuns: runs(300) },
  );
});
