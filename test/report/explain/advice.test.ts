import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/report/explain/explain.ts';
import type { Advice, Cost, Finding } from '../../../src/report/explain/explanation.ts';
import { summarise } from '../../../src/report/summarise.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { missingFiles, scenarioNames, shippedFile, shippedScenario } from '../../support/shipped-scenarios.ts';

/** Weeks, and nothing goes wrong in them. */
const QUIET = ['load-balancer'];

describe.each(scenarioNames().filter((name) => !QUIET.includes(name) && missingFiles(name).length === 0))(
  'what is to be tried in scenarios/%s.yaml',
  (name) => {
    test('helps as it says, each piece by itself', { timeout: 240_000 }, () => {
      const before = summarise(simulateSync(shippedScenario(name)));
      for (const finding of explain(before).findings) {
        for (const advice of finding.advice) {
          if (advice.lowers === null) continue;
          const after = summarise(simulateSync(changed(before, advice)));
          const label = advice.changes.map(({ path, to }) => `${path.join('.')}=${JSON.stringify(to)}`).join(' ');
          const was = figure(before, finding, advice.lowers);
          expect(was, label).toBeGreaterThan(0);
          // By half, lest a rounding error counts as help.
          expect(figure(after, finding, advice.lowers), `${advice.lowers} with ${label}`).toBeLessThanOrEqual(was / 2);
        }
      }
    });
  },
);

/** The scenario of a result, with one piece of advice taken. */
function changed(summary: Summary, { changes }: Advice): Scenario {
  const document = JSON.parse(JSON.stringify(summary.scenario.resolved));
  for (const { path, now, to } of changes) {
    let target = document;
    for (const step of path.slice(0, -1)) target = target[step] ??= {};
    expect(target[path.at(-1)!] ?? null).toEqual(now);
    if (to === null) delete target[path.at(-1)!];
    else target[path.at(-1)!] = to;
  }
  const parsed = parseScenario(JSON.stringify(document), { readFile: shippedFile });
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return parsed.scenario;
}

/** What the mapping, or the stream, of a finding paid in this run. */
function figure(summary: Summary, { mapping, stream, cause }: Finding, cost: keyof Cost): number {
  if (mapping === null) {
    const { lostAtWrite, writeThrottled } = summary.streams[stream]!;
    return cost === 'refusedWrites' ? writeThrottled : lostAtWrite;
  }
  const { records, iteratorAgeMs, backlogAgeMs, recoveryMs, errors, throttles, polls } = summary.mappings[mapping]!;
  const { RetryAttemptsExhausted, RecordAgeExceeded } = records.discarded;
  const figures: Partial<Record<keyof Cost, number>> = {
    recordsLost: RetryAttemptsExhausted + RecordAgeExceeded + records.expired + records.silentlyLost,
    expired: records.expired,
    silentlyLost: records.silentlyLost,
    oldestMs: Math.max(iteratorAgeMs.max ?? 0, backlogAgeMs.max ?? 0),
    recoveryMs: recoveryMs.max ?? 0,
    pending: records.pending,
    errors,
    throttles,
    refusedReads: polls.refused,
  };
  const value = figures[cost];
  if (value === undefined) throw new Error(`nothing measures ${cost} of ${cause}`);
  return value;
}
