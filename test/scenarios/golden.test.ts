import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { allBreaches } from '../../src/laws/laws.ts';
import type { TraceEvent } from '../../src/recording/trace.ts';
import { explanationText } from '../../src/report/explain/explanation-text.ts';
import { summarise } from '../../src/report/summarise.ts';
import type { Summary } from '../../src/report/summary.ts';
import { summaryText } from '../../src/report/text.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { missingFiles, scenarioNames, shippedHandlers, shippedScenario } from '../support/shipped-scenarios.ts';

const GOLDEN = fileURLToPath(new URL('./golden/', import.meta.url));
/** What `explain` says of those that go wrong in ways of their own. */
const EXPLAINED = fileURLToPath(new URL('./explained/', import.meta.url));
const TROUBLED = ['age-limit', 'few-keys', 'poison', 'shared-throughput', 'steady', 'too-little-concurrency'];

// After a change that is meant to alter figures: `npm run golden`, read the diff, and tell users in CHANGELOG.md.
describe.each(scenarioNames())('scenarios/%s.yaml', (name) => {
  const missing = missingFiles(name);
  const note =
    missing.length === 0 ? '' : ` (skipped: no ${missing.join(', ')}; SHARDCLOCK_DATA names no folder with it)`;

  test.skipIf(missing.length > 0)(
    `has the figures of its golden file, and keeps every law${note}`,
    async () => {
      const trace: TraceEvent[] = [];
      // No law looks at polls, and a quiet day has many of them.
      const scenario = shippedScenario(name);
      const recording = simulateSync(scenario, {
        handlers: await shippedHandlers(scenario),
        trace: (event) => {
          if (event.type !== 'poll') trace.push(event);
        },
      });
      const summary = summarise(recording);
      await expect(goldenText(summary)).toMatchFileSnapshot(`${GOLDEN}${name}.txt`);
      if (TROUBLED.includes(name))
        await expect(explanationText(summary)).toMatchFileSnapshot(`${EXPLAINED}${name}.txt`);
      for (const [law, breaches] of Object.entries(allBreaches({ recording, trace }))) {
        expect(breaches, law).toEqual([]);
      }
    },
    180_000,
  );
});

test('every golden file has its scenario', () => {
  const names = readdirSync(GOLDEN).map((file) => file.slice(0, -'.txt'.length));
  expect(scenarioNames()).toEqual(expect.arrayContaining(names));
});

/** What a reader sees of a run, then the figures behind it to the last digit, one part of the result a line. */
function goldenText(summary: Summary): string {
  const { thresholds, streams, mappings, functions, cost, warnings } = summary;
  const figures = [
    ...thresholds.map(({ metric, expression, ...rest }) => figure(`threshold ${metric} ${expression}`, rest)),
    ...Object.entries(streams).flatMap(([name, { shards: _, ...rest }]) => figuresOf(name, rest)),
    ...Object.entries(mappings).flatMap(([name, mapping]) => {
      const { stream: _s, function: _f, configuration: _c, shards: _, batchSizes: _b, ...rest } = mapping;
      return figuresOf(name, { ...rest, stalls: rest.stalls.slice(0, 3) });
    }),
    ...Object.entries(functions).flatMap(([name, rest]) => figuresOf(name, rest)),
    ...figuresOf('cost', { perMonth: cost?.perMonth, usage: cost?.usage }),
    ...warnings.map((warning) => figure('warning', warning)),
  ];
  return `${summaryText(summary, { width: 100 })}\n${figures.join('\n')}\n`;
}

function figuresOf(owner: string, parts: object): string[] {
  return Object.entries(parts).map(([part, value]) => figure(`${owner} ${part}`, value));
}

function figure(name: string, value: unknown): string {
  return `${name}: ${JSON.stringify(value)}`;
}
