import { describe, expect, it } from 'vitest';
import { explain } from '../../src/report/explain/explain.ts';
import { sentence } from '../../src/report/sentence.ts';
import { summaryText } from '../../src/report/text.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { run, type ScenarioPart } from '../support/scenario.ts';

const summaryOf = (f: ScenarioPart) =>
  run({ duration: '60s', producers: { p: { rate: '50/s' } }, functions: { f } }).summary;

describe('a function that takes longer than its Timeout (M6)', () => {
  const read = (f: ScenarioPart) => {
    const parsed = parseScenario(
      JSON.stringify({
        shardclock: 1,
        name: 'n',
        duration: '1m',
        streams: { s: { ShardCount: 1 } },
        producers: { p: { stream: 's', rate: '1/s' } },
        functions: { f },
        mappings: { m: { stream: 's', function: 'f', StartingPosition: 'LATEST' } },
      }),
      { readFile: () => new Uint8Array() },
    );
    return parsed.ok ? parsed.warnings.map(({ path, message }) => `${path}: ${message}`) : [];
  };

  it('is warned of before it runs, as far as a batch of one record shows it', () => {
    expect(read({ duration: '5s' })).toEqual([
      'functions.f.duration: every invocation takes at least 5 s, and Timeout is 3 s: all of them time out, and fail',
    ]);
    expect(read({ duration: { base: { uniform: { min: '1s', max: '6s' } } } })).toEqual([
      'functions.f.duration: half of all invocations take at least 3.5 s, and Timeout is 3 s: most of them time out, and fail',
    ]);
    expect(read({ duration: '3s' })).toEqual([]);
    const byMemory = { at: 128, cpuShare: '100%' };
    expect(read({ duration: '5s', MemorySize: 256, durationByMemory: byMemory })).toEqual([]);
  });

  it('fails by timeouts wherever the summary says why', () => {
    const summary = summaryOf({ duration: '5s' });
    const text = summaryText(summary, { width: 120 });
    expect(text).toContain('invocations timed out');
    expect(text).toMatch(/(\d+) invocations, \1 errors \(timeouts\)/);
    expect(summary.warnings[0]).toMatch(
      /^Function f: all of its \d+ invocations ran into its Timeout of 3 s and failed/,
    );
    expect(summary.warnings.at(-1)).toMatch(/pending; none was processed\.$/);
    expect(sentence(summary, 'timeline')).toContain('was stopped by timeouts');
  });

  it('is explained without contradiction: no smaller batch where the time does not go by records', () => {
    const [finding] = explain(summaryOf({ duration: '5s' })).findings;
    expect(finding!.headline).toMatch(/^timeouts stopped it/);
    expect(finding!.why).toMatch(
      /^f takes at least 5 s, and its Timeout is 3 s: every invocation fails, however small its batch\./,
    );
    expect(finding!.advice.map(({ changes }) => changes)).toEqual([
      [{ path: ['functions', 'f', 'Timeout'], now: 3, to: 12 }],
    ]);
  });

  it('that takes longer by the record gets a batch that is small enough', () => {
    const [finding] = explain(summaryOf({ duration: { base: '100ms', perRecord: '100ms' } })).findings;
    expect(finding!.advice.flatMap(({ changes }) => changes.map(({ path, to }) => [path.at(-1), to]))).toEqual([
      ['Timeout', 21],
      ['BatchSize', 23],
    ]);
  });
});

it('one that lasts as long as its Timeout and fails for another reason has not run into it (M6, L5)', () => {
  const summary = summaryOf({ duration: '3s', Timeout: 3, faults: [{ invocations: 1 }] });
  expect(summary.functions.f).toMatchObject({ errors: 1, durationMs: { p50: 3_000 } });
  expect(summary.functions.f).not.toHaveProperty('timeouts');
  expect(summary.warnings.join()).not.toContain('Timeout');
  expect(summaryText(summary)).not.toMatch(/timed? ?out/);
});

it('one that runs into its Timeout less than half of the time is not warned of (M6, L5)', () => {
  const summary = summaryOf({ duration: '100ms', Timeout: 3, faults: [{ from: '10s', to: '20s', slowdown: 100 }] });
  expect(summary.functions.f!.timeouts).toBeGreaterThan(0);
  expect(summary.functions.f!.timeouts).toBe(summary.functions.f!.errors);
  expect(summary.warnings.join()).not.toContain('Timeout');
  expect(summaryText(summary)).toContain('(timeouts)');
});

it('what fails for another reason is no timeout', () => {
  const summary = summaryOf({ duration: '100ms', faults: [{ from: '10s', to: '30s' }] });
  expect(summaryText(summary)).not.toMatch(/timed? ?out/);
});
