import { expect, test } from 'vitest';
import { cannotKeepUp } from '../../src/report/behind.ts';
import { run, type ScenarioPart } from '../support/scenario.ts';

const isBehind = (part: ScenarioPart) =>
  cannotKeepUp(run({ duration: '2m', producers: { p: { rate: '50/s' } }, ...part }).m);

test('a mapping cannot keep up where it is behind at the end and its backlog still grows', () => {
  expect(isBehind({ mappings: { m: { BatchSize: 4 } } })).toBe(true);
  expect(isBehind({})).toBe(false);
});

test('one that is catching up can', () => {
  const f = (to: string) => ({ f: { duration: '900ms', faults: [{ from: '20s', to }] } });
  expect(isBehind({ functions: f('90s') })).toBe(false);
  expect(isBehind({ functions: f('3m') })).toBe(true);
});
