import { expect, test } from 'vitest';
import { layOutText, line, printable, table, textColumns } from '../../src/report/text-layout.ts';

const plain = { width: 20, color: false };

test('a line that is too long goes on indented, its own columns kept', () => {
  expect(layOutText([line('  name  some words of it', { hang: 8 })], plain)).toBe('  name  some words\n     of it\n');
  expect(layOutText([line('  name  some words', { hang: 8 })], plain)).toBe('  name  some words\n');
});

test('a word of one sign at the very end of a line keeps its distance', () => {
  expect(layOutText([line('seventeen columns a and more', { hang: 0 })], { ...plain, width: 19 })).toBe(
    'seventeen columns a\nand more\n',
  );
});

test('a word longer than a line is broken', () => {
  expect(layOutText([line('a'.repeat(45), { hang: 2 })], plain)).toBe(
    `${'a'.repeat(20)}\n  ${'a'.repeat(18)}\n  ${'a'.repeat(7)}\n`,
  );
});

test('cells stand under each other, figures to the right, without blanks at the end', () => {
  const rows = [
    ['orders', '1,200', 'ok'],
    ['x', '7', ''],
  ];
  expect(table(rows, { columns: [{}, { align: 'right' }, {}], width: 40 })).toEqual([
    '  orders  1,200  ok',
    '  x           7',
  ]);
});

test('a column that may shrink loses the middle of its cells before the table gets too wide', () => {
  const rows = [['orders-to-enrich-the-customers', '1,200']];
  expect(table(rows, { columns: [{ shrinks: true }, { align: 'right' }], width: 30 })).toEqual([
    '  orders-to-…-customers  1,200',
  ]);
});

test('cells that differ only in the middle that they would lose still differ', () => {
  const names = [
    'orders-of-the-shop-in-eu-to-enrich-the-customers',
    'orders-of-the-shop-in-us-to-enrich-the-customers',
  ];
  const rows = names.map((name) => [name, '1']);
  expect(table(rows, { columns: [{ shrinks: true }, {}], width: 44 })).toEqual([
    '  orders-of…in-eu-to-enrich-the-customers  1',
    '  orders-of…in-us-to-enrich-the-customers  1',
  ]);
  expect(table(rows, { columns: [{ shrinks: true }, {}], width: 23 })).toEqual([
    '  …in-eu-to…ustomers  1',
    '  …in-us-to…ustomers  1',
  ]);
});

test('wide signs take two columns and combining ones none', () => {
  expect(['abc', '注文', 'e\u0301', '✓', '🔥', '…'].map(textColumns)).toEqual([3, 4, 1, 1, 2, 1]);
  expect(
    table(
      [
        ['注文', '1'],
        ['ab', '2'],
      ],
      { columns: [{}, {}], width: 40 },
    ),
  ).toEqual(['  注文  1', '  ab    2']);
});

test('what steers a terminal becomes a replacement character', () => {
  expect(printable('a\u001b[2J\n\u202eb\ud800')).toBe('a\ufffd[2J\ufffd\ufffdb\ufffd');
  expect(printable('größe 注文')).toBe('größe 注文');
});
