import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { explainableNames, explainName } from '../../../src/report/explain/name.ts';
import { nameText } from '../../../src/report/explain/name-text.ts';
import { METRICS } from '../../../src/scenario/metrics.ts';
import { parse as scenarioOf } from '../../support/scenario.ts';

const MODEL = readFileSync('src/sim/MODEL.md', 'utf8');
const RULES = new Set([...MODEL.matchAll(/^- ([A-Z]\d+a?) /gm)].map((match) => match[1]!));

function told(name: string): string {
  const meaning = explainName(name);
  return meaning === null ? '' : nameText(meaning, { model: MODEL, width: 1_000 });
}

describe('a setting', () => {
  test('has its meaning, default, range, rule and a line of YAML', () => {
    expect(told('BatchSize')).toBe(
      [
        "BatchSize: AWS's setting, mappings.NAME.BatchSize",
        '  Most records of a batch (P3).',
        '  Default: 100. May be a whole number from 1 to 10,000.',
        `  P3: ${/^- P3 (.*)$/m.exec(MODEL)![1]}`,
        '  Example: mappings: { NAME: { BatchSize: 500 } }',
        '',
      ].join('\n'),
    );
  });

  test('of AWS has ranges with a gap', () => {
    expect(told('MaximumRecordAgeInSeconds')).toContain('Default: -1. May be -1 or a whole number from 60 to 604,800.');
  });

  test('can be named by the end of its path, with any name in it or none', () => {
    const plain = explainName('pacing')!.things;
    expect(explainName('polling.pacing')!.things).toEqual(plain);
    expect(plain[0]).toMatchObject({ standard: 'grid', expected: 'grid or sincePoll', rules: ['P1'] });
    const size = explainName('BatchSize')!.things;
    for (const name of ['mappings.BatchSize', 'mappings.orders-to-enrich.BatchSize', 'mappings.NAME.BatchSize'])
      expect(explainName(name)?.things, name).toEqual(size);
    expect(explainName('streams.BatchSize')).toBeNull();
    expect(explainName('otherReaders[0].calls')!.things[0]!.places).toEqual(['streams.NAME.otherReaders[].calls']);
  });

  test('without a rule of its own has that of what it is a part of', () => {
    expect(explainName('retryBackoff.initial')!.things[0]!.rules).toEqual(['E7']);
  });

  test('that stands at several places is told once for each meaning', () => {
    const places = explainName('duration')!
      .things.filter(({ kind }) => kind === 'setting')
      .map((thing) => thing.places);
    expect(places).toEqual([
      ['duration'],
      ['producers.NAME.phases[].duration'],
      ['functions.NAME.duration'],
      ['functions.NAME.durationByMemory.measured[].duration'],
    ]);
  });
});

test.each([...METRICS.keys()])('the example of %s is a threshold that a scenario may have', (name) => {
  const { example } = explainName(name)!.things.find(({ kind }) => kind === 'metric')!;
  const source = { producers: { p: { stream: 's', rate: '1/s' } } };
  expect(scenarioOf({ ...source, ...(parse(example!) as object) }).thresholds).toHaveLength(1);
});

test('a metric and a setting that differ by a capital are two things', () => {
  expect(explainName('IteratorAge')!.things.map(({ kind }) => kind)).toEqual(['metric']);
  expect(explainName('iteratorAge')!.things.map(({ kind }) => kind)).toEqual(['setting']);
});

test.each([
  ['ReadProvisionedThroughputExceeded', 'K4'],
  ['records.lost', 'K5'],
  ['backlogAge', 'M7'],
  ['readLimit', 'K4'],
  ['functionError', 'E1'],
  ['parent', 'M3'],
  ['propagation', 'K8'],
  ['PayloadTooLarge', 'P5'],
  ['partialFailure', 'E5'],
  ['timeInSystemMs', 'M4'],
  ['silentlyLost', 'E5'],
  ['laneBusy', 'M3a'],
  ['cost.month', 'C1'],
  ['perMonth', 'C1'],
  ['fanOutGB', 'C2'],
  ['lambdaGBSeconds', 'C2a'],
])('%s is explained, by %s', (name, rule) => {
  expect(told(name)).toContain(`  ${rule}: `);
});

describe('what summaries print is explained', () => {
  const GOLDEN = 'test/scenarios/golden';
  const sections = readdirSync(GOLDEN).flatMap((file) => readFileSync(`${GOLDEN}/${file}`, 'utf8').split('\n\n'));
  const found = (begin: RegExp, label: RegExp) =>
    sections.filter((section) => begin.test(section)).flatMap((section) => [...section.matchAll(label)]);
  const labels = [
    ...found(/^What binds first/, /^ {4}(\S.*?) {2,}/gm),
    ...found(/^\S+: \S+ → /, /^ {2}(\S.*?) {2,}/gm),
    ...found(/^Where the age came from/, /^ {2}([a-z].*?) {2,}/gm),
    ...found(/^\d+ stalls?,/, / {2}([a-z ]+?) {2,}[\d,–]+ {2,}[\d,–]+$/gm),
    ...found(/^Cost/, /\$[\d.,]+\s(?!a month|for the run)([A-Za-z][^,$]*)(?=,|$)/gm),
  ].map((match) => match[1]!.replaceAll(/\s+/g, ' '));

  test('each label of the summary of each shipped scenario', () => {
    expect(labels).toEqual(
      expect.arrayContaining([
        'lane busy',
        'IteratorAge',
        'records',
        'waiting for a poll',
        'invocations failed',
        'shards',
      ]),
    );
    expect([...new Set(labels)].filter((label) => explainName(label) === null)).toEqual([]);
  });

  test.each([
    ['largest event, of 6 MB', 'P5'],
    ['Lane Busy', 'P4'],
    ['IteratorAge.p99', 'M1'],
    ['IteratorAge{mapping:orders} max', 'M1'],
    ['records.lost count', 'K5'],
    ['worst', 'M3a'],
    ['lost', 'M3'],
  ])('%s, by %s', (label, rule) => {
    expect(told(label)).toContain(`  ${rule}: `);
  });
});

test('a name that is nothing means nothing', () => {
  for (const name of [
    'BatchSiz',
    'batchsize',
    '',
    '.',
    'NAME',
    '__proto__',
    'toString',
    'IteratorAge.q99',
    'Iterator.p99',
  ])
    expect(explainName(name), name).toBeNull();
});

test('every name has words, and every rule it names is one of the model', () => {
  const names = explainableNames();
  expect(names.length).toBeGreaterThan(150);
  expect(names).toEqual(expect.arrayContaining([...METRICS.keys()]));
  for (const name of names) {
    const { things } = explainName(name)!;
    for (const { description, rules } of things) {
      expect(description, name).toMatch(/.\.$/);
      for (const rule of rules) expect(RULES.has(rule), `${rule} of ${name}`).toBe(true);
    }
    expect(told(name)).not.toMatch(/undefined|NaN|\[object/);
  }
});

test('without the text of the rules they are named by their letters', () => {
  expect(nameText(explainName('BatchSize')!)).toContain('  Rule P3 of the model.\n');
});
