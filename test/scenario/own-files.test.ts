import { expect, test } from 'vitest';
import { replicate } from '../../src/plan/replicating/replicate.ts';
import { parseGrid } from '../../src/plan/sweeping/grid.ts';
import { sweepPart } from '../../src/plan/sweeping/sweep.ts';
import { summarise } from '../../src/report/summarise.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { messages, SMALL, valid } from './reading.ts';

const said = (value: unknown, indent = 0) => messages(JSON.stringify(value, null, indent));
const short = SMALL.replace(/duration: .*/, 'duration: 1s');

test('the result of a run is no scenario, which is said in one sentence', () => {
  const result = summarise(simulateSync(valid(short)));
  const message =
    'f.yaml:1:1: error: this is the result of a run, no scenario; shardclock report, explain and verify take it, and what was run is its scenario.resolved';
  for (const indent of [0, 2]) expect(said(result, indent)).toEqual([message]);
  expect(messages(JSON.stringify(result.scenario.resolved))).toEqual([]);
});

test('nor is what shardclock writes of several runs', async () => {
  expect(said(await replicate(valid(short), { replications: 1 }))).toEqual([
    'f.yaml:1:1: error: this is what shardclock wrote of several runs, no scenario',
  ]);
  const grid = parseGrid(short, { vary: ['streams.orders.ShardCount=1,2'], readFile: () => new Uint8Array() });
  if (!grid.ok) throw new Error(grid.issues[0]!.message);
  expect(said(await sweepPart(grid.grid, { part: { number: 1, of: 2 }, replications: 1 }))).toEqual([
    'f.yaml:1:1: error: this is a part of a sweep, no scenario; shardclock merge takes it',
  ]);
});

test('a scenario with a key that results have is one all the same', () => {
  expect(messages(`${SMALL}formatVersion: 1\n`)).toEqual([expect.stringContaining('formatVersion: unknown key')]);
});
