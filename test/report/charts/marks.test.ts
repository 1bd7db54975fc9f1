import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutMarks } from '../../../src/report/charts/marks.ts';
import { textWidth } from '../../../src/report/charts/text-width.ts';
import type { TimelineMark } from '../../../src/report/summary.ts';

const ROOM = { range: { from: 0, to: 1_000 }, plotWidth: 700, rightEdge: 860 };

const marks = fc.array(
  fc
    .record({
      kind: fc.constantFrom('fault', 'timeline'),
      label: fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme-ascii' }),
      from: fc.integer({ min: -100, max: 1_000 }),
      length: fc.nat(500),
    })
    .map(
      ({ kind, label, from, length }): TimelineMark => ({ kind, label, fromSeconds: from, toSeconds: from + length }),
    ),
  { maxLength: 20 },
);

test('labels never meet, are never cut by the picture, and none is lost uncounted', () => {
  fc.assert(
    fc.property(marks, (list) => {
      const layout = layoutMarks(list, ROOM);
      for (const label of layout.labels) {
        expect(label.from).toBeGreaterThanOrEqual(-1e-6);
        expect(label.to).toBeLessThanOrEqual(ROOM.rightEdge + 1e-6);
        expect(textWidth(label.text, { size: 11, weight: 'regular' })).toBeCloseTo(label.to - label.from, 6);
        for (const other of layout.labels) {
          if (other !== label && other.row === label.row)
            expect(label.from >= other.to || other.from >= label.to).toBe(true);
        }
      }
      expect(layout.labels.length + layout.unlabelled).toBe(layout.shown.length);
    }),
  );
});

test('no line down to the plot crosses a text', () => {
  fc.assert(
    fc.property(marks, (list) => {
      const { labels } = layoutMarks(list, ROOM);
      for (const label of labels.filter((one) => one.led)) {
        const crossed = labels.filter((other) => other.row < label.row && other.from < label.at && label.at < other.to);
        expect(crossed).toEqual([]);
      }
    }),
  );
});

test('a mark outside the part shown is left out, one that only touches it is in', () => {
  const mark = (fromSeconds: number, toSeconds: number): TimelineMark => ({
    kind: 'fault',
    label: 'x',
    fromSeconds,
    toSeconds,
  });
  const range = { from: 100, to: 200 };
  const shown = layoutMarks([mark(0, 100), mark(0, 101), mark(100, 100), mark(199, 300), mark(200, 200)], {
    ...ROOM,
    range,
  }).shown;
  expect(shown.map((one) => [one.fromSeconds, one.toSeconds])).toEqual([
    [0, 101],
    [100, 100],
    [199, 300],
  ]);
});
