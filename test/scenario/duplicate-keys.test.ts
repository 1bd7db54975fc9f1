import { describe, expect, it } from 'vitest';
import { messages, SMALL, withMapping, withProducer } from './reading.ts';

const ending = (text: string, ...lines: readonly string[]) => text + lines.map((line) => `${line}\n`).join('');

describe('a key that stands twice', () => {
  it('is named by its path, each time after the first', () => {
    expect(messages(withMapping('BatchSize: 5', 'BatchSize: 6', 'BatchSize: 7'))).toEqual([
      'f.yaml:16:5: error: mappings.m.BatchSize: stands here again, after line 15; expected each key once',
      'f.yaml:17:5: error: mappings.m.BatchSize: stands here again, after line 15; expected each key once',
    ]);
    expect(messages(withProducer('records: [{ at: 1s }, { at: 1s, at: 2s }]'))).toEqual([
      'f.yaml:7:63: error: producers.checkout.records[1].at: stands here again, after line 7; expected each key once',
    ]);
  });

  it('is one where it is a number, and the same in quotes', () => {
    const twice = "thresholds: { 1: ['max < 1s'], '1': ['max < 1s'] }";
    expect(messages(ending(SMALL, twice))[1]).toContain('thresholds.1: stands here again, after line 15');
  });

  it('hides nothing else, in either place, and what is wrong stands where it is', () => {
    const streams = ['streams:', '  orders: { ShardCont: 2, ShardCount: 2 }'];
    const mapping = ['BatchSize: 20000', 'BatchSize: 5', 'BatchSize: none', 'MaximumRetryAttemts: 1'];
    expect(messages(ending(withMapping(...mapping), ...streams))).toEqual([
      'f.yaml:15:16: error: mappings.m.BatchSize: expected a whole number from 1 to 10,000, got 20000',
      'f.yaml:16:5: error: mappings.m.BatchSize: stands here again, after line 15; expected each key once',
      'f.yaml:17:5: error: mappings.m.BatchSize: stands here again, after line 15; expected each key once',
      "f.yaml:17:16: error: mappings.m.BatchSize: expected a whole number from 1 to 10,000, got 'none'",
      "f.yaml:18:5: error: mappings.m.MaximumRetryAttemts: unknown key; did you mean 'MaximumRetryAttempts'?",
      'f.yaml:19:1: error: streams: stands here again, after line 4; expected each key once',
      "f.yaml:20:13: error: streams.orders.ShardCont: unknown key; did you mean 'ShardCount'?",
    ]);
  });

  it('makes no name unknown that stands in either place', () => {
    const text = ending(SMALL.replace('ShardCount: 2', 'ShardCount: 0'), 'streams:', '  other: { ShardCount: 2 }');
    expect(messages(text)).toEqual([
      'f.yaml:5:25: error: streams.orders.ShardCount: expected a whole number from 1 to 10,000, got 0',
      'f.yaml:15:1: error: streams: stands here again, after line 4; expected each key once',
    ]);
  });

  it('is refused in a value of --set', () => {
    expect(messages(SMALL, { set: ['account={ id: a, id: b }'] })).toEqual([
      '--set:1:9: error: the value is not YAML: id stands here again, after line 1; expected each key once',
    ]);
  });
});
