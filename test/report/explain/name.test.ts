import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { explainableNames, explainName } from '../../../src/report/explain/name.ts';
import { nameText } from '../../../src/report/explain/name-text.ts';
import { METRICS } from '../../../src/scenario/metrics.ts';

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
    const places = explainName('duration')!.things.map((thing) => thing.places);
    expect(places).toEqual([
      ['duration'],
      ['producers.NAME.phases[].duration'],
      ['functions.NAME.duration'],
      ['functions.NAME.durationByMemory.measured[].duration'],
    ]);
  });
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

test('a name that is nothing means nothing', () => {
  for (const name of ['BatchSiz', 'batchsize', '', '.', 'NAME', '__proto__', 'toString'])
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
