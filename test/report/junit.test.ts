import fc from 'fast-check';
import { expect, test } from 'vitest';
import { junitXml } from '../../src/report/junit.ts';
import { aSummary, aThreshold } from '../support/summary.ts';
import { anySummary } from '../support/summary-arbitraries.ts';

test('each threshold is a test case of the scenario, one that is not met a failure with its message', () => {
  const thresholds = [
    aThreshold(),
    aThreshold({
      metric: 'records.lost',
      expression: 'count == 0',
      ok: false,
      value: 81_412,
      unit: 'count',
      worst: null,
    }),
    aThreshold({ expression: 'p99 < 5s', ok: false, value: 86_580 }),
  ];
  expect(junitXml(aSummary({ thresholds }))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="shardclock" tests="3" failures="2" errors="0">
  <testsuite name="A quiet day" tests="3" failures="2" errors="0" skipped="0">
    <properties>
      <property name="seed" value="42"/>
      <property name="digest" value="v1:0123456789abcdef0123456789abcdef"/>
      <property name="partial" value="false"/>
    </properties>
    <testcase classname="A quiet day" name="IteratorAge max &lt; 60s"/>
    <testcase classname="A quiet day" name="records.lost count == 0">
      <failure type="threshold" message="expected count == 0, measured 81,412">records.lost: expected count == 0, measured 81,412</failure>
    </testcase>
    <testcase classname="A quiet day" name="IteratorAge p99 &lt; 5s">
      <failure type="threshold" message="expected p99 &lt; 5s, measured 24 h 3 m; worst: shard 1, at 3 m">IteratorAge: expected p99 &lt; 5s, measured 24 h 3 m; worst: shard 1, at 3 m</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('a statistic without samples fails as such', () => {
  const thresholds = [aThreshold({ ok: false, value: null, worst: null })];
  expect(junitXml(aSummary({ thresholds }))).toContain('message="expected max &lt; 60s, no samples"');
});

test('a run without thresholds is a suite without tests', () => {
  const xml = junitXml(aSummary());
  expect(xml).toContain('tests="0" failures="0"');
  expect(elementsOf(xml)).not.toContain('testcase');
});

test('the report is well-formed whatever the names', () => {
  fc.assert(
    fc.property(anySummary, (summary) => {
      const names = elementsOf(junitXml(summary));
      expect(names.filter((name) => name === 'testcase')).toHaveLength(summary.thresholds.length);
      expect(names.filter((name) => name === 'failure')).toHaveLength(
        summary.thresholds.filter(({ ok }) => !ok).length,
      );
    }),
  );
});

/** The names of a document's elements; throws where it is not well-formed, as far as this writer goes. */
function elementsOf(xml: string): string[] {
  // XML 1.0, production 2: what a document may hold at all.
  expect(xml).toMatch(/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
  const names: string[] = [];
  const open: string[] = [];
  const entity = '&(?:amp|lt|gt|quot|#\\d+);';
  const attributes = `(?: [a-z]+="(?:[^<&"]|${entity})*")*`;
  const token = new RegExp(`(?:[^<&]|${entity})*<(/?)([a-z]+)${attributes}(/?)>`, 'uy');
  let at = xml.indexOf('\n');
  for (;;) {
    token.lastIndex = at;
    const match = token.exec(xml);
    if (match === null) break;
    at = token.lastIndex;
    const [, closes, name, isEmpty] = match;
    if (closes === '/') expect(open.pop()).toBe(name);
    else {
      names.push(name!);
      if (isEmpty !== '/') open.push(name!);
    }
  }
  expect(xml.slice(at).trim()).toBe('');
  expect(open).toEqual([]);
  return names;
}
