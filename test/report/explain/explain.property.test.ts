import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../../src/report/explain/explain.ts';
import { explanationText } from '../../../src/report/explain/explanation-text.ts';
import { summarise } from '../../../src/report/summarise.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { textColumns } from '../../../src/report/text-layout.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { scenarioDocuments, scenarioOf } from '../../support/arbitrary-scenario.ts';
import { anySummary } from '../../support/summary-arbitraries.ts';

const NOTHING = /undefined|NaN|Infinity|\[object|null/;

function lostIn({ mappings, streams }: Summary): number {
  const ofMappings = Object.values(mappings).map(
    ({ records: { discarded, expired, silentlyLost } }) =>
      discarded.RetryAttemptsExhausted +
      discarded.RecordAgeExceeded +
      discarded.PayloadTooLarge +
      expired +
      silentlyLost,
  );
  const atWrite = Object.values(streams).map(({ lostAtWrite }) => lostAtWrite);
  return [...ofMappings, ...atWrite].reduce((sum, lost) => sum + lost, 0);
}

test('whatever goes wrong, every stall and every lost record is explained, in words without gaps', () => {
  fc.assert(
    fc.property(scenarioDocuments, (document) => {
      const summary = summarise(simulateSync(scenarioOf(document)));
      const { findings, healthy } = explain(summary);
      for (const [name, { stalls }] of Object.entries(summary.mappings)) {
        const causes = new Set(stalls.map(({ cause }) => cause));
        const told = new Set<string>(findings.filter(({ mapping }) => mapping === name).map(({ cause }) => cause));
        expect([...causes].filter((cause) => !told.has(cause))).toEqual([]);
        expect(healthy.some(({ mapping }) => mapping === name)).toBe(told.size === 0);
      }
      expect(findings.reduce((sum, { cost }) => sum + cost.recordsLost, 0)).toBe(lostIn(summary));
      const text = explanationText(summary, { width: 80 });
      expect(text.length).toBeGreaterThan(50);
      expect(text).not.toMatch(NOTHING);
      for (const line of text.split('\n')) expect(textColumns(line)).toBeLessThanOrEqual(80);
    }),
    { numRuns: 30 },
  );
});

test('what has a cause of its own stands with the finding that tells of it, and nothing is told twice', () => {
  fc.assert(
    fc.property(scenarioDocuments, (document) => {
      const summary = summarise(simulateSync(scenarioOf(document)));
      const { findings } = explain(summary);
      for (const [name, { errors, throttles, polls, records }] of Object.entries(summary.mappings)) {
        const own = findings.filter(({ mapping }) => mapping === name);
        const costs = {
          errors: { cause: 'functionError', total: errors },
          duplicates: { cause: 'functionError', total: records.duplicates },
          throttles: { cause: 'throttle', total: throttles },
          refusedReads: { cause: 'readLimit', total: polls.refused },
        };
        for (const [figure, { cause, total }] of Object.entries(costs)) {
          const told = own.map((finding) => finding.cost[figure as keyof typeof costs]);
          const wanted = own.findIndex((finding) => finding.cause === cause);
          const others = told.filter((_, place) => place !== wanted);
          if (wanted >= 0) expect([told[wanted], Math.max(0, ...others)]).toEqual([total, 0]);
          else expect([0, total]).toContain(told.reduce((sum, one) => sum + one, 0));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('each piece of advice names the value that the scenario has, and leads to a scenario without problems', () => {
  fc.assert(
    fc.property(scenarioDocuments, (document) => {
      const summary = summarise(simulateSync(scenarioOf(document)));
      for (const { advice, settings } of explain(summary).findings) {
        for (const { path, value } of settings) expect(valueAt(summary.scenario.resolved, path)).toEqual(value);
        for (const { changes, effect, tradeOff } of advice) {
          expect(effect).toMatch(/^[A-Z\d].*\.$/);
          expect(tradeOff).toMatch(/^[A-Z\d].*\.$/);
          const changed = JSON.parse(JSON.stringify(summary.scenario.resolved));
          for (const { path, now, to } of changes) {
            expect(valueAt(changed, path)).toEqual(now);
            expect(to).not.toEqual(now);
            set(changed, path, to);
          }
          const parsed = parseScenario(JSON.stringify(changed), { readFile: () => new Uint8Array() });
          expect(parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path}: ${message}`)).toEqual([]);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('any result that can be read is explained, at any width', () => {
  fc.assert(
    fc.property(anySummary, fc.integer({ min: 1, max: 200 }), (summary, width) => {
      const text = explanationText(summary, { width });
      expect(text.trim()).not.toBe('');
      expect(text.endsWith('\n')).toBe(true);
      expect(explanationText(summary, { width })).toBe(text);
    }),
  );
});

function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null;
    value = (value as Record<string, unknown>)[step];
  }
  return value ?? null;
}

function set(root: Record<string, unknown>, path: readonly string[], to: unknown): void {
  let target = root;
  for (const step of path.slice(0, -1)) {
    target[step] ??= {};
    target = target[step] as Record<string, unknown>;
  }
  const last = path.at(-1)!;
  if (to === null) delete target[last];
  else target[last] = to;
}
