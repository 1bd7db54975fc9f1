import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from '../../src/kernel/event-queue.ts';
import { NEVER } from '../../src/kernel/time.ts';

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

it('behaves as a sorted list would, whatever is scheduled, moved and cancelled (D4)', () => {
  const step = fc.record({
    actor: fc.nat(19),
    at: fc.nat(5),
    rank: fc.nat(8),
    cancels: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new EventQueue(20);
      const model = new Map<number, { at: number; rank: number }>();
      for (const { actor, at, rank, cancels } of steps) {
        if (cancels) {
          queue.cancel(actor);
          model.delete(actor);
        } else {
          queue.schedule(actor, at, rank);
          model.set(actor, { at, rank });
        }
        const [first] = [...model].sort(([a, x], [b, y]) => {
          return x.at - y.at || x.rank - y.rank || a - b;
        });
        expect(queue.next).toBe(first?.[0] ?? -1);
      }
    }),
  );
});
