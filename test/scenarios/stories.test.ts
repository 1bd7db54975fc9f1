import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const textOf = (name: string) => readFileSync(new URL(`../../scenarios/${name}.yaml`, import.meta.url), 'utf8');
const golden = (name: string) => readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8');

/** Of a part of the golden figures: `whole-batches invocations: 7637`. */
const figure = (name: string, part: string) => JSON.parse(new RegExp(`^${part}: (.*)$`, 'm').exec(golden(name))![1]!);

describe('what a scenario says of its figures is so', () => {
  test('partial-responses: one whole batch in sixteen is given up', () => {
    expect(textOf('partial-responses')).toContain('with whole batches one in sixteen is given up after four attempts');
    const failed = figure('partial-responses', 'whole-batches errors');
    const givenUp = failed / 4;
    const batches = figure('partial-responses', 'whole-batches invocations') - failed + givenUp;
    expect(Math.round(batches / givenUp)).toBe(16);
  });

  test('spike: it brings 1.35 times what the mapping can process', () => {
    expect(textOf('spike')).toContain('Ten minutes at 1.35 times the rate that the mapping can process.');
    const seconds = figure('spike', 'aggregate durationMs').max / 1_000;
    expect((3_600 / ((4 * 200) / seconds)).toFixed(2)).toBe('1.35');
  });
});
