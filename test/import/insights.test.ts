import { expect, test } from 'vitest';
import { imported, template } from './importing.ts';

const query = (rows: readonly Readonly<Record<string, string>>[]) => ({
  results: rows.map((row) => Object.entries(row).map(([field, value]) => ({ field: `@${field}`, value }))),
});

test.each([
  ['1.024E9', '1024000000'],
  ['2.56E8', '256000000'],
  ['1.6e+8', '160000000'],
])('a size of memory of %s is one of %s', (short, long) => {
  const [a, b] = [short, long].map((memorySize) => {
    const rows = query([{ duration: '120.5', memorySize }]);
    return imported({ 't.yaml': template(), 'q.json': rows }).functions.Enrich!.MemorySize;
  });
  expect(a).toBe(b);
  expect(a).toBe(Number(long) / 1e6);
});

test('a duration with an exponent counts like any other', () => {
  const rows = query([{ duration: '1.2E4' }, { duration: '5E-1' }, { duration: '80' }]);
  const { dataFiles } = imported({ 't.yaml': template(), 'q.json': rows }, { dataPrefix: 'peak' });
  expect(Object.values(dataFiles)).toEqual(['milliseconds\n0.5\n80\n12000\n']);
});
