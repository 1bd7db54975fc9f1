import { measuredWords, worstWords } from './phrases.ts';
import type { Summary, ThresholdResult } from './summary.ts';

/** The thresholds as a JUnit report: a suite for each result, with the scenario's name, and in it a test case each. */
export function junitXml(...summaries: readonly Summary[]): string {
  return junitOf(summaries.map(testSuite));
}

/** What a JUnit report holds of one result. */
export interface TestSuite extends Counts {
  readonly lines: readonly string[];
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  /** Runs that have no result. */
  readonly errors: number;
}

/** The same from suites, for those who do not keep the results. */
export function junitOf(suites: readonly TestSuite[]): string {
  const total = (pick: (suite: TestSuite) => number) => suites.reduce((sum, suite) => sum + pick(suite), 0);
  const all = {
    tests: total(({ tests }) => tests),
    failures: total(({ failures }) => failures),
    errors: total(({ errors }) => errors),
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="shardclock" ${countsOf(all)}>`,
    ...suites.flatMap(({ lines }) => lines),
    '</testsuites>',
    '',
  ].join('\n');
}

export function testSuite(summary: Summary): TestSuite {
  const { scenario, thresholds } = summary;
  const counts = { tests: thresholds.length, failures: thresholds.filter(({ ok }) => !ok).length, errors: 0 };
  const properties = { seed: scenario.seed, digest: summary.digest, partial: String(summary.partial) };
  const lines = [
    `  <testsuite name="${attribute(scenario.name)}" ${countsOf(counts)} skipped="0">`,
    '    <properties>',
    ...Object.entries(properties).map(([key, value]) => `      <property name="${key}" value="${attribute(value)}"/>`),
    '    </properties>',
    ...thresholds.flatMap((threshold) => testCase(threshold, summary)),
    '  </testsuite>',
  ];
  return { ...counts, lines };
}

/** Of a scenario whose run has no result, and why. */
export function erroredSuite(name: string, seed: string, message: string): TestSuite {
  const counts = { tests: 1, failures: 0, errors: 1 };
  const lines = [
    `  <testsuite name="${attribute(name)}" ${countsOf(counts)} skipped="0">`,
    '    <properties>',
    `      <property name="seed" value="${attribute(seed)}"/>`,
    '    </properties>',
    `    <testcase classname="${attribute(name)}" name="run">`,
    `      <error type="run" message="${attribute(message)}"/>`,
    '    </testcase>',
    '  </testsuite>',
  ];
  return { ...counts, lines };
}

function countsOf({ tests, failures, errors }: Counts): string {
  return `tests="${tests}" failures="${failures}" errors="${errors}"`;
}

function testCase(threshold: ThresholdResult, summary: Summary): string[] {
  const name = attribute(`${threshold.metric} ${threshold.expression}`);
  const opening = `    <testcase classname="${attribute(summary.scenario.name)}" name="${name}"`;
  if (threshold.ok) return [`${opening}/>`];
  const place = worstWords(threshold, summary);
  const measured = `${threshold.value === null ? '' : 'measured '}${measuredWords(threshold)}`;
  const message = `expected ${threshold.expression}, ${measured}${place === '' ? '' : `; worst: ${place}`}`;
  return [
    `${opening}>`,
    `      <failure type="threshold" message="${attribute(message)}">${attribute(`${threshold.metric}: ${message}`)}</failure>`,
    '    </testcase>',
  ];
}

/** For an attribute or a text. What XML 1.0 cannot hold, even escaped, becomes U+FFFD; line ends stay line ends. */
function attribute(text: string): string {
  return text
    .replaceAll(FORBIDDEN, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const FORBIDDEN = /(?![\t\n\r\u{85}])[\p{Cc}\p{Cs}\u{fffe}\u{ffff}]/gu;
