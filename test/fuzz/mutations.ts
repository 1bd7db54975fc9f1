import fc from 'fast-check';

/** What a hand, a merge or a broken tool leaves in a file. */
const WORDS = [
  ...[
    '',
    ' ',
    '\n',
    '\t',
    '\r\n',
    '\u0000',
    '\ufeff',
    '\u2028',
    'é',
    '𝕊',
    '\\',
    '"',
    "'",
    '`',
    '#',
    '---',
    '...',
    '%YAML 1.2',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ': ',
    ',',
    '- ',
    '? ',
    '|',
    '>',
    '&a',
    '*a',
    '<<: *a',
    '!!map',
    '!Ref x',
    '!!binary ',
    '=',
    '@',
  ],
  ...[
    'null',
    '~',
    'true',
    'no',
    '0',
    '-1',
    '1e999',
    '-0',
    '.nan',
    '.inf',
    '0x1F',
    '1_000',
    '9007199254740993',
    '1'.repeat(400),
  ],
  ...[
    '10s',
    '1e9h',
    '-5ms',
    '5/s',
    '100%',
    '2012-13-45T99:00:00Z',
    '__proto__',
    'constructor',
    'toString',
    'shardclock: 2',
  ],
  ...['streams', 'mappings', 'BatchSize', 'timeline: [{ at: 1s }]', '"Timestamps"', '"Values"', '[[[[[[[['],
];

/** One change of a text, at places given as shares of its length. */
const change = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'cut', 'repeat', 'replace', 'swap', 'end', 'byte'),
  from: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 60 }),
  word: fc.constantFrom(...WORDS),
});

/** A text, changed in one place to four; as bytes, which need not be text any more. */
export function mutated(texts: readonly string[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) => {
      let bytes = Buffer.from(text);
      for (const { kind, from, length, word } of changes) {
        const at = Math.floor(from * bytes.length);
        const head = bytes.subarray(0, at);
        const part = bytes.subarray(at, at + length);
        const tail = bytes.subarray(at + length);
        const inserted = Buffer.from(word);
        if (kind === 'insert') bytes = Buffer.concat([head, inserted, part, tail]);
        else if (kind === 'cut') bytes = Buffer.concat([head, tail]);
        else if (kind === 'repeat') bytes = Buffer.concat([head, part, part, tail]);
        else if (kind === 'replace') bytes = Buffer.concat([head, inserted, tail]);
        else if (kind === 'swap') bytes = Buffer.concat([head, tail.subarray(0, length), part, tail.subarray(length)]);
        else if (kind === 'end') bytes = Buffer.from(head);
        else bytes = Buffer.concat([head, Buffer.from([128 + (length % 128)]), part, tail]);
      }
      return new Uint8Array(bytes);
    });
}
