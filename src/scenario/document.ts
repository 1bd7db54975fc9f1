import type { Document, Node, Pair, Scalar } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { duplicateKeys, withoutDuplicates } from './duplicate-keys.ts';
import type { Issue } from './issue.ts';
import { yamlFault } from './yaml-fault.ts';

export type Path = readonly (string | number)[];

/** A YAML or JSON text with the places of its values. */
export class SourceDocument {
  /** Plain data: what the text says, a value of its own at every alias. Undefined where it cannot be read. */
  readonly value: unknown;
  /** What is wrong with the text itself. There may be a value all the same: a key that stands twice hides nothing else. */
  readonly issues: readonly Issue[];
  /** Of keys that stand several times, one entry for each time after the first. */
  readonly duplicates: readonly Path[];
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #text: string;
  readonly #lineCounter = new LineCounter();
  /** Null: nobody has asked for a place yet. */
  #document: Document | null = null;

  /** @param turn which of several with the same key counts, from the last: 0 the last, 1 the one before */
  constructor(file: string, text: string, turn = 0) {
    this.#file = file;
    this.#text = text;
    this.#lines = text.split(/\r?\n/);
    this.duplicates = [];
    this.issues = [];
    this.value = writtenAsJson(text);
    if (this.value !== undefined) return;
    const document = this.#tree;
    const faults = faultsOf(document, text, (offset) => this.#lineCounter.linePos(offset).line);
    const issues = faults.map(({ offset, path, message }) => this.#issueAt(offset, pathText(path), message));
    this.duplicates = faults.flatMap(({ path }) => (path.length > 0 ? [path] : []));
    if (faults.some(({ isFatal }) => isFatal)) {
      // What is wrong with the form of YAML is said in several ways at one place.
      this.issues = issues.filter(({ line }, i) => line !== issues[i - 1]?.line);
      return;
    }
    this.issues = issues;
    if (this.duplicates.length > 0) withoutDuplicates(document, turn);
    try {
      this.value = ownValues(document.toJS({ maxAliasCount: 100 }), []);
    } catch (error) {
      this.issues = [...this.issues, this.#issueAt(firstAlias(document), '', reason(error))];
    }
  }

  get #tree(): Document {
    this.#document ??= parsed(this.#text, this.#lineCounter);
    return this.#document;
  }

  /** An issue at the value of a path, or at the key of the nearest thing that is there. */
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
    let node: unknown = this.#tree.contents;
    let key = isNode(node) ? start(node) : 0;
    for (const [depth, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#tree);
      if (isMap(node)) {
        const pair = pairOf(node.items, step);
        if (pair === undefined) return key;
        if (isNode(pair.key)) key = start(pair.key);
        node = pair.value;
      } else if (isSeq(node) && typeof step === 'number' && isNode(node.items[step])) {
        node = node.items[step];
        key = start(node as Node);
      } else return key;
      if (depth === path.length - 1) return atKey || !isNode(node) ? key : start(node);
    }
    return key;
  }
}

/**
 * The value of a text that is just what JSON.stringify makes of it, as programs write scenarios: no key can stand twice in it,
 * and there is nothing else wrong with it. Undefined for any other, which is read as YAML.
 */
function writtenAsJson(text: string): unknown {
  if (!text.startsWith('{') || text.includes('"<<"')) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return JSON.stringify(value) === text && isWithinDepth(value, USUAL_DEPTH) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What is nested more deeply may be too deep to be read. */
const USUAL_DEPTH = 100;

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((part) => isWithinDepth(part, depth - 1));
}

/** What a text of YAML says, or why it cannot be read. */
export function plainValue(text: string): { readonly value: unknown } | { readonly problem: string } {
  const document = parsed(text, new LineCounter());
  const fault = faultsOf(document, text, () => 1)[0];
  if (fault !== undefined) return { problem: `${pathText(fault.path)} ${fault.message}`.trimStart() };
  try {
    return { value: ownValues(document.toJS({ maxAliasCount: 100 }), []) };
  } catch (error) {
    return { problem: reason(error) };
  }
}

/** 'mappings.orders-to-enrich.BatchSize', 'producers.p.phases[2].rate', 'thresholds["records.lost"]'. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/[.[\]"=\s]/.test(step) || step === '') text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

const LONE_RETURN = 'the line ends with a carriage return alone; expected a line feed, alone or behind it';
const TOO_DEEP = 'nested too deeply to be read';

interface Fault {
  readonly offset: number;
  /** Of a key that stands several times; else empty. */
  readonly path: Path;
  readonly message: string;
  /** Nothing else can be said of the text. */
  readonly isFatal: boolean;
}

function parsed(text: string, lineCounter: LineCounter): Document {
  return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
}

function faultsOf(document: Document, text: string, lineAt: (offset: number) => number): Fault[] {
  // Where the stack ends differs from machine to machine, so there is no better place to name.
  const isTooDeep = document.errors.some(({ message }) => message.includes('call stack'));
  if (isTooDeep) return [{ offset: 0, path: [], message: TOO_DEEP, isFatal: true }];
  const end = document.errors.length === 0 || text.includes('\n') ? -1 : text.indexOf('\r');
  if (end >= 0) return [{ offset: end, path: [], message: LONE_RETURN, isFatal: true }];
  const faults: Fault[] = [];
  let open = -1;
  for (const error of document.errors) {
    const own = WORDINGS[error.code];
    const fault = yamlFault(document, error, text);
    const isAround = fault.isOpen && fault.offset < open;
    if (fault.isOpen) open = Math.max(open, fault.offset);
    const { offset, message } = own === undefined ? fault : { offset: error.pos[0], message: own };
    if (!isAround) faults.push({ offset, path: [], message, isFatal: true });
  }
  try {
    faults.push(...faultsOfNodes(document), ...faultsOfKeys(document, lineAt));
  } catch {
    return [{ offset: 0, path: [], message: TOO_DEEP, isFatal: true }];
  }
  return faults.sort((a, b) => a.offset - b.offset);
}

/** What YAML allows and a scenario does not: tags would be dropped in silence, and such keys be turned into text. */
function faultsOfNodes(document: Document): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Node(_, node) {
      if (isAlias(node) || node.tag === undefined || node.tag.startsWith('tag:yaml.org,2002:')) return;
      faults.push({
        offset: start(node),
        path: [],
        message: `the tag ${node.tag} is unknown; expected the value itself`,
        isFatal: false,
      });
    },
    Pair(_, pair) {
      const isName = isScalar(pair.key) && pair.key.value !== null;
      if (isName && (pair.key as Scalar).value !== '<<') return;
      const offset = isNode(pair.key) ? start(pair.key) : isNode(pair.value) ? start(pair.value) : 0;
      const message = isName ? 'merge keys are not read; expected the keys themselves' : 'expected a name as the key';
      faults.push({ offset, path: [], message, isFatal: !isName });
    },
  });
  return faults;
}

function faultsOfKeys(document: Document, lineAt: (offset: number) => number): Fault[] {
  return duplicateKeys(document).map(({ path, offset, first }) => {
    const message = `stands here again, after line ${lineAt(first)}; expected each key once`;
    return { offset, path, message, isFatal: false };
  });
}

const WORDINGS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here; expected one scenario in a file',
};

function reason(error: unknown): string {
  if (error instanceof RangeError) return TOO_DEEP;
  const text = error instanceof Error ? error.message : String(error);
  const alias = /^Unresolved alias .*: (.*)$/.exec(text);
  if (alias !== null) return `the alias *${alias[1]} names no anchor before it`;
  if (text.includes('alias count')) return 'aliases within aliases that would unfold to too much';
  return text;
}

/** Copies data so that a change at one place is none at another, wherever both are aliases of one anchor. */
function ownValues(value: unknown, ancestors: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.includes(value)) throw new Error('an alias within its own anchor');
  const within = [...ancestors, value];
  if (Array.isArray(value)) return value.map((item) => ownValues(item, within));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ownValues(item, within)]));
}

/** Where to look when aliases are wrong: YAML's own message has no place. */
function firstAlias(document: Document): number {
  let found: number | null = null;
  visit(document, {
    Alias(_, node) {
      found ??= start(node);
      return visit.BREAK;
    },
  });
  return found ?? 0;
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}

function pairOf(items: readonly Pair[], step: string | number): Pair | undefined {
  return items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === String(step));
}
