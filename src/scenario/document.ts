import type { Document, Node, Pair } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Issue } from './issue.ts';

export type Path = readonly (string | number)[];

/** A YAML or JSON text with the places of its values. */
export class SourceDocument {
  /** Plain data: what the text says. Undefined where it cannot be read at all. */
  readonly value: unknown;
  readonly issues: readonly Issue[];
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #lineCounter = new LineCounter();
  readonly #document: Document;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#lines = text.split(/\r?\n/);
    this.#document = parseDocument(text, { lineCounter: this.#lineCounter, prettyErrors: false, uniqueKeys: true });
    const issues = this.#document.errors.map((error) =>
      this.#issueAt(error.pos[0], '', message(error.code, error.message)),
    );
    let value: unknown;
    try {
      value = this.#document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      issues.push(this.#issueAt(this.#offendingAlias(), '', error instanceof Error ? error.message : String(error)));
    }
    this.issues = issues;
    this.value = issues.length > 0 ? undefined : value;
  }

  /** An issue at the value of a path, or at the nearest thing that is there. */
  issue(path: Path, text: string, severity: Issue['severity'] = 'error'): Issue {
    return { ...this.#issueAt(this.#offsetOf(path, false), pathText(path), text), severity };
  }

  /** An issue at a key. */
  keyIssue(path: Path, text: string, severity: Issue['severity'] = 'error'): Issue {
    return { ...this.#issueAt(this.#offsetOf(path, true), pathText(path), text), severity };
  }

  #issueAt(offset: number, path: string, text: string): Issue {
    const { line, col } = this.#lineCounter.linePos(offset);
    const row = Math.max(1, line);
    return {
      severity: 'error',
      file: this.#file,
      line: row,
      column: Math.max(1, col),
      path,
      message: text,
      excerpt: this.#lines[row - 1] ?? '',
    };
  }

  #offsetOf(path: Path, atKey: boolean): number {
    let node: unknown = this.#document.contents;
    let offset = isNode(node) ? start(node) : 0;
    for (const [depth, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#document);
      const pair = isMap(node) ? pairOf(node.items, step) : undefined;
      if (pair !== undefined) {
        const key = isNode(pair.key) ? start(pair.key) : offset;
        node = pair.value;
        const isLast = depth === path.length - 1;
        offset = (isLast && atKey) || !isNode(node) ? key : start(node);
      } else if (isSeq(node) && typeof step === 'number' && isNode(node.items[step])) {
        node = node.items[step];
        offset = start(node as Node);
      } else return offset;
    }
    return offset;
  }

  #offendingAlias(): number {
    return this.#document.contents?.range?.[0] ?? 0;
  }
}

/** 'mappings.orders-to-enrich.BatchSize', 'producers.p.phases[2].rate', 'thresholds["records.lost"]'. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/[.[\]"\s]/.test(step) || step === '') text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}

function pairOf(items: readonly Pair[], step: string | number): Pair | undefined {
  return items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === String(step));
}

function message(code: string, text: string): string {
  if (code === 'DUPLICATE_KEY') return 'a key that stands here twice; each key may stand once';
  return text.replace(/ at line \d+, column \d+[\s\S]*$/, '');
}
