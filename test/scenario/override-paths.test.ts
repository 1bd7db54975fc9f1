import { describe, expect, it } from 'vitest';
import { messages, read, SMALL, valid } from './reading.ts';

const said = (...set: string[]) => messages(SMALL, { set });

describe('what --set names', () => {
  it('is a thing of the scenario, and a new one is given whole', () => {
    expect(said('mappings.nosuch.BatchSize=10')).toEqual([
      "--set:1:1: error: unknown mapping 'nosuch'; expected one of m (a new one is given whole: mappings.nosuch={ … })",
    ]);
    expect(said('streams.order.ShardCount=4')[0]).toContain("did you mean 'orders'?");
    expect(read(SMALL, { set: ['functions.g={ duration: 1s }', 'functions.g.Timeout=5'] }).ok).toBe(true);
  });

  it('is the whole path of a setting', () => {
    expect(said('BatchSize=10')).toEqual([
      '--set:1:1: error: there is no BatchSize at the top of a scenario; expected the whole path: mappings.m.BatchSize',
    ]);
    expect(said('orders.ShardCount=10')[0]).toMatch(/expected the whole path: streams\.orders\.ShardCount$/);
    expect(said('phase=aligned')[0]).toMatch(/expected the whole path: polling\.phase$/);
    expect(said('streems=1')[0]).toContain("did you mean 'streams'?");
  });
});

it('a number or a flag in quotes is taken as CloudFormation takes it', () => {
  const { mappings, streams } = valid(SMALL.replace('ShardCount: 2', "ShardCount: '3'"), {
    set: ["mappings.m.BatchSize='50'", "mappings.m.Enabled='false'", "mappings.m.MaximumRetryAttempts='-1'"],
  });
  expect([streams[0]!.shards.length, mappings[0]!.batchSize, mappings[0]!.enabled]).toEqual([3, 50, false]);
  expect(said("mappings.m.BatchSize='many'")[0]).toContain("expected a whole number from 1 to 10,000, got 'many'");
  expect(said("mappings.m.BatchSize='0'")[0]).toContain('got 0');
});

it('what --vary names is held to the same', () => {
  expect(messages(SMALL, { vary: ['BatchSize=1'] })[0]).toMatch(/^--vary:1:1: error: .*: mappings\.m\.BatchSize$/);
});
