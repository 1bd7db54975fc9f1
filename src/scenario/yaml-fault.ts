import type { Document, Node, YAMLError } from 'yaml';
import { isMap, isScalar, isSeq, visit } from 'yaml';

export interface YamlFault {
  readonly offset: number;
  readonly message: string;
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
    return { offset: opened, message, isOpen: true };
  }
  const message = said.replace(/ at line \d+, column \d+[\s\S]*$/, '');
  return { offset: Math.min(pos[0], Math.max(0, text.trimEnd().length - 1)), message, isOpen: false };
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

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
