import fc from 'fast-check';
import { expect, test } from 'vitest';
import { summaryMarkdown } from '../../src/report/markdown.ts';
import { aMapping, aStall, aStalledMapping, aSummary, aThreshold } from '../support/summary.ts';
import { anySummary } from '../support/summary-arbitraries.ts';

test('the summary is told under headings, in the order of what matters', () => {
  const summary = aSummary({
    thresholds: [aThreshold({ ok: false, value: 86_580 })],
    mappings: { m: aStalledMapping([aStall({ recordsLost: 7 })]) },
    warnings: ['Mapping m is slow.'],
  });
  const text = summaryMarkdown(summary, { command: 'shardclock run a.yaml' });
  expect(text.match(/^#+ .*$/gm)).toEqual([
    '# A quiet day',
    '## Thresholds',
    '## What binds',
    '## Mappings',
    '### m: orders → enrich',
    '## Stalls',
    '## Where the age came from',
    '## Trend of IteratorAge',
    '## Streams',
    '## Functions',
    '## Cost',
    '## Warnings',
    '## To repeat it',
  ]);
  expect(text).toContain('| ✗ not met | IteratorAge max &lt; 60s | 24 h 3 m | shard 1, at 3 m |');
  expect(text).toContain('| shard 0 | 1 m | 1 m | invocations failed | 60 | 7 |');
  expect(text).toContain(
    '$23.84 a month at this load, $0.01 for the run, by us-east-1 prices of 2026-11-28.\n\n| A month | Amount | Cost |',
  );
  expect(text).toContain('| Lambda requests | 4,380,000 requests | $0.88 |');
  expect(text).toContain('- Records: 1,207 arrived = 1,200 succeeded + 7 expired.');
  expect(text.endsWith('```sh\nshardclock run a.yaml\n```\n')).toBe(true);
});

test('without thresholds, stalls or samples it says so and has no empty tables', () => {
  const text = summaryMarkdown(aSummary({ streams: {}, functions: {}, mappings: {} }));
  expect(text).toContain('No thresholds set.');
  expect(text).toContain('No lane was stalled for longer than 10s.');
  expect(text).not.toContain('## Streams');
});

test('every row of a table has as many cells as its header, whatever the names', () => {
  fc.assert(
    fc.property(anySummary, (summary) => {
      let columns = 0;
      for (const line of summaryMarkdown(summary).split('\n')) {
        if (!line.startsWith('| ')) columns = 0;
        else {
          const cells = line.match(/(?<!\\)\|/g)!.length;
          if (columns === 0) columns = cells;
          expect(cells).toBe(columns);
        }
      }
    }),
  );
});

test('a name is text, never markup', () => {
  const text = summaryMarkdown(aSummary({ mappings: { 'a|*b*\n# <img src=x> [c](d)': aMapping() } }));
  expect(text).toContain('a\\|\\*b\\* \\# &lt;img src=x&gt; \\[c\\](d)');
  expect(text).not.toContain('<img');
});

test('a command with backticks stays inside its fence', () => {
  const text = summaryMarkdown(aSummary(), { command: 'shardclock run ```.yaml' });
  expect(text.endsWith('````sh\nshardclock run ```.yaml\n````\n')).toBe(true);
});
