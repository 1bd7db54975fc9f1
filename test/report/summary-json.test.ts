import { expect, test } from 'vitest';
import type { Summary } from '../../src/report/summary.ts';
import { summaryJson } from '../../src/report/summary-json.ts';

const value = {
  name: 'a "quoted" name',
  empty: {},
  none: [],
  nothing: null,
  series: [1, null, 0.1, 1e-7],
  span: { state: 'idle', toSeconds: 3 },
  spans: [
    { state: 'idle', toSeconds: 1 },
    { state: 'running', toSeconds: 2 },
  ],
  deep: { er: { still: true } },
  long: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, index])),
} as unknown as Summary;

test('the text holds the very same values', () => {
  expect(JSON.parse(summaryJson(value))).toEqual(value);
});

test('a series is one line, and so is each span of a list', () => {
  const lines = summaryJson(value).split('\n');
  expect(lines).toContain('  "series": [1, null, 0.1, 1e-7],');
  expect(lines).toContain('    { "state": "idle", "toSeconds": 1 },');
  expect(lines).toContain('    "key0": 0,');
});
