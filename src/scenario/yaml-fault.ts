import type { Document, Node, YAMLError } from 'yaml';
import { isMap, isScalar, isSeq, visit } from 'yaml';

export interface YamlFault {
  readonly offset: number;
  /** What is wrong; what was expected. */
  readonly message: string;
  /** What is wrong in fewer words, for a text that may be none of YAML. */
  readonly said: string;
  /** It is not closed: then what it stands in cannot be seen to be. */
  readonly isOpen: boolean;
}

/**
 * What is wrong with the form of a YAML text, and where, from 0. What is never closed is told where it opens: where YAML
 * misses its end is somewhere after it, often past the last line.
 */
export function yamlFault(
  document: Document,
  { message: said, pos }: Pick<YAMLError, 'message' | 'pos'>,
  text: string,
): YamlFault {
  const opened = openedAt(document, said, pos[0]);
  if (opened !== null) {
    const sign = text[opened]!;
    const message = `this ${sign} is never closed; expected ${CLOSING[sign] ?? `another ${sign}`}`;
    return { offset: opened, message, said: message, isOpen: true };
  }
  const short = said.replace(/ at line \d+, column \d+[\s\S]*$/, '');
  const offset = Math.min(pos[0], Math.max(0, text.trimEnd().length - 1));
  return { offset, message: worded(short), said: short, isOpen: false };
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** What is wrong and what was expected, for what the parser says of slips that people make. */
const WORDINGS: readonly (readonly [said: RegExp, message: string])[] = [
  [
    /^Nested mappings|^Block collections are not allowed within flow/,
    "a key within a value; expected one KEY: VALUE, the keys of a map in one column or with commas between them, a value with ': ' in quotes",
  ],
  [/^A block sequence may not|^Unexpected block-seq-ind/, 'a list begins here; expected it on a line below its key'],
  [/^Tabs are not allowed/, 'a tab as indentation; expected blanks'],
  [/^(Implicit keys|Implicit map keys)/, 'a text where a key stands; expected KEY: VALUE'],
  [/^All mapping items/, 'a column of its own; expected the column of the keys before it'],
  [/^(All sequence items|Sequence item without)/, 'no item of the list; expected - in the column of those before it'],
  [/^Plain value cannot start with .*(.)$/, 'a value that begins with $1; expected it in quotes'],
  [/^Missing (,.*) between flow (map|sequence) items$/, 'something is missing; expected $1 between two items'],
  [/^Missing space after :/, 'no blank after the colon; expected KEY: VALUE'],
  [/^Unexpected (,|empty item)/, 'a comma without an item before it; expected one comma between two items'],
  [/^Unexpected flow-\w+-end token.*"(.)"$/, 'this $1 closes nothing; expected it only where one was opened'],
  [/^Unexpected \S+ at node end/, 'more behind the end of a value; expected a new line or, in a list or map, a comma'],
  [
    /^Invalid escape sequence (.*)$/,
    "$1 stands for nothing; expected '…' around a text with backslashes, or \\\\ for one",
  ],
  [/^Comments must be separated/, 'a # right behind a value; expected a blank before a comment'],
  [/^(Block scalar header|Not a YAML token)/, 'text behind | or >; expected it on the lines below, indented'],
  [/^Block scalar/, 'lines of a text under | or > that are not indented enough; expected them under its first line'],
  [/^(Alias|Anchor) /, 'a value that begins with * or &, which name other values; expected it in quotes'],
];

function worded(said: string): string {
  for (const [pattern, message] of WORDINGS) {
    const match = pattern.exec(said);
    if (match !== null) return message.replace('$1', () => match[1] ?? '');
  }
  return `not YAML (${said}); expected KEY: VALUE, - ITEM or JSON`;
}

/** Null where it is something else that is wrong. */
function openedAt(document: Document, message: string, end: number): number | null {
  const kind = /^(Flow map|Flow sequence|Missing closing)/.exec(message)?.[1];
  if (kind === undefined) return null;
  let found: number | null = null;
  const isMeant = (node: Node) =>
    kind === 'Flow map'
      ? isMap(node) && node.flow === true
      : kind === 'Flow sequence'
        ? isSeq(node) && node.flow === true
        : isScalar(node) && /^QUOTE/.test(node.type ?? '');
  visit(document, {
    Node(_, node) {
      if (isMeant(node) && node.range?.[1] === end) found = node.range[0];
    },
  });
  return found;
}
