import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chance } from '../../../src/kernel/chance.ts';
import type { JsonValue } from '../../../src/scenario/scenario.ts';
import { parsedData, recordDataOf } from '../../../src/sim/kinesis/record-data.ts';
import { runs } from '../../support/runs.ts';

/** As CONTRACT has it, value by value: the template filled in, and the JSON of that. */
function filledIn(template: JsonValue, chance: Chance, number: number, key: string): string {
  let picks = 0;
  return JSON.stringify(template, (_name, value: JsonValue) => {
    if (typeof value !== 'string') return value;
    if (value === '${index}') return number;
    return value.replaceAll(/\$\{(?:index|key|pick:([^}]+))\}/g, (whole, words?: string) => {
      if (whole === '${index}') return String(number);
      if (whole === '${key}') return key;
      const choices = words!.split(',');
      return choices[Math.floor(chance.fork('data').fork(String(picks++)).unit(number) * choices.length)]!;
    });
  });
}

const bytes = (text: string) => new TextEncoder().encode(text).length;

const half = fc.constantFrom('\ud83d', '\ude00', 'a\ud83d', '\ude00b'); // of one character
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string() },
  { weight: 3, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 3, arbitrary: fc.constantFrom('"', '\\', '\n', 'é', '') },
  { weight: 1, arbitrary: half },
);
const word = text.map((one) => one.replaceAll(/[},$]/g, '.') || 'w');
const placeholder = fc.oneof(
  fc.constantFrom('${index}', '${key}'),
  fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => `\${pick:${words.join(',')}}`),
);
const literal = text.map((one) => one.replaceAll('$', 'S'));
const filledText = fc.array(fc.oneof(literal, placeholder), { maxLength: 5 }).map((pieces) => pieces.join(''));
const { value: template } = fc.letrec<{ value: JsonValue; list: JsonValue; map: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(filledText, placeholder, fc.integer(), fc.double({ noNaN: true }), fc.constantFrom(null, true, -0)),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(fc.oneof(text, fc.constantFrom('1', 'type', '__proto__')), tie('value'), { maxKeys: 4 }),
}));
const record = fc.record({
  number: fc.oneof(fc.nat(1_000), fc.nat(2 ** 40)),
  key: fc.oneof(text, fc.constant('0123456789abcdef')),
});

it('the data of a template is the JSON of what is filled in, its bytes are those of the text, and a filter sees it parsed (P10)', () => {
  fc.assert(
    fc.property(template, fc.array(record, { minLength: 1, maxLength: 4 }), (law, records) => {
      const chance = new Chance('data');
      const data = recordDataOf({ kind: 'template', template: law }, chance, false);
      for (const { number, key } of records) {
        const expected = filledIn(law, chance, number, key);
        expect(data.bytesOf(number, bytes(JSON.stringify(key)) - 2, key)).toBe(bytes(expected));
        expect(data.parsedOf(number, () => key)).toEqual(parsedData(expected));
        expect(data.textOf(number, key)).toBe(expected);
        if (!data.holdsKey) expect(filledIn(law, chance, number, 'another')).toBe(expected);
      }
    }),
    { numRuns: runs(500) },
  );
});

it('halves of a character that come together are one', () => {
  const halves = recordDataOf({ kind: 'template', template: '\ud83d${pick:\ude00}' }, new Chance('halves'), false);
  expect([halves.textOf(7, ''), halves.bytesOf(7, 0, '')]).toEqual(['"😀"', 6]);
  const keyed = recordDataOf({ kind: 'template', template: { a: '\ud83d${key}' } }, new Chance('halves'), false);
  expect([keyed.textOf(7, '\ude00'), keyed.bytesOf(7, 6, '\ude00')]).toEqual(['{"a":"😀"}', 12]);
});

it('lines follow one another where records are numbered, else they are drawn', () => {
  const lines = ['{"a": 1}', 'plain', '[1, 2]', '{no json', ' é'];
  const [ordered, drawn] = [true, false].map((isOrdered) =>
    recordDataOf({ kind: 'lines', lines }, new Chance('lines'), isOrdered),
  );
  const seen = new Set<string>();
  for (let number = 0; number < 60; number++) {
    expect(ordered!.textOf(number, '')).toBe(lines[number % 5]);
    for (const data of [ordered!, drawn!]) {
      const one = data.textOf(number, '');
      expect(data.bytesOf(number, 0, '')).toBe(bytes(one));
      expect(data.parsedOf(number, () => expect.fail('no key is asked for'))).toEqual(parsedData(one));
    }
    seen.add(drawn!.textOf(number, ''));
  }
  expect(seen.size).toBe(5);
  expect(parsedData(' {"a": [1]}')).toEqual({ a: [1] });
  expect([parsedData('{a'), parsedData('1'), parsedData('"a"')]).toEqual(['{a', '1', '"a"']);
});
