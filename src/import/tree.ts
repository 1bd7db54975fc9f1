import type { Alias, Document, Node, Pair, Scalar } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, parseDocument } from 'yaml';
import type { Path } from '../scenario/document.ts';
import { pathText } from '../scenario/document.ts';
import { duplicateKeys } from '../scenario/duplicate-keys.ts';
import type { Issue } from '../scenario/issue.ts';
import { yamlFault } from '../scenario/yaml-fault.ts';

/** A file as it was given. */
export interface SourceText {
  /** As messages and the scenario call it. */
  readonly name: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** What comments call it; empty where it is the only one. */
  readonly label: string;
}

/** Where something stands in a file, line and column from 1. */
export interface Place {
  readonly source: SourceText;
  readonly line: number;
  readonly column: number;
  readonly path: Path;
}

interface Located {
  readonly place: Place;
  /** Where the value comes from, if it does not stand there itself: 'the default of IntValue'. */
  readonly via: string | null;
}

export interface MapTree extends Located {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Tree>;
  readonly keys: ReadonlyMap<string, Place>;
}

export interface ListTree extends Located {
  readonly kind: 'list';
  readonly items: readonly Tree[];
}

export interface ValueTree extends Located {
  readonly kind: 'value';
  readonly value: string | number | boolean | null;
}

/** What cannot be known from the files. */
export interface UnknownTree extends Located {
  readonly kind: 'unknown';
  readonly why: string;
  /** What it is called where it is known, the name of a parameter for example; with `${…}` for the parts not known. */
  readonly text: string;
}

/** What a YAML or JSON text says, every part with its place. CloudFormation's short tags are written out as maps. */
export type Tree = MapTree | ListTree | ValueTree | UnknownTree;

export function sourceText(name: string, text: string, label: string): SourceText {
  return { name, text, lines: text.split(/\r?\n/), label };
}

export function issueAt(place: Place, message: string, severity: Issue['severity'] = 'error'): Issue {
  const { source, line, column, path } = place;
  const excerpt = source.lines[line - 1] ?? '';
  return { severity, file: source.name, line, column, path: pathText(path), message, excerpt };
}

/** The place of a character, from 0. */
export function placeAt(source: SourceText, offset: number): Place {
  const before = source.text.slice(0, offset);
  const line = before.split('\n').length;
  return { source, line, column: offset - before.lastIndexOf('\n'), path: [] };
}

/** What a text says. */
export interface ReadTrees {
  /** Its documents, one after another. */
  readonly trees: readonly Tree[];
  /** Of keys that stand several times in a map: the last is in the tree. */
  readonly warnings: readonly Issue[];
}

/** Of a key that stands in its map before, on this line. */
export function repeatedKey(place: Place, first: number): Issue {
  const message = `stands here again, after line ${first}; expected each key once; taken: the last`;
  return issueAt(place, message, 'warning');
}

/** Of a text in YAML; or why and where it cannot be read. */
export function treesOf(source: SourceText): ReadTrees | { readonly issue: Issue } {
  const lineCounter = new LineCounter();
  const reader = new TreeReader(source, lineCounter);
  try {
    const trees: Tree[] = [];
    const warnings: Issue[] = [];
    for (const { document, offset } of documentsOf(source, lineCounter)) {
      const [fault] = document.errors;
      if (fault?.message.includes('call stack')) throw new TooMuch();
      if (fault !== undefined) {
        const { offset: within, said } = yamlFault(document, fault, source.text.slice(offset));
        return { issue: issueAt(reader.place(offset + within, []), said) };
      }
      const tree = reader.read(document, offset);
      if (tree !== null) trees.push(tree);
      for (const { path, offset: within, first } of duplicateKeys(document)) {
        // Several merge keys of a map are read one after another.
        if (path.at(-1) === '<<') continue;
        warnings.push(repeatedKey(reader.place(offset + within, path), reader.place(offset + first, path).line));
      }
    }
    return { trees, warnings };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TooMuch)) throw error;
    return { issue: issueAt(reader.place(0, []), 'nested too deeply, or unfolds to too much, to be read') };
  }
}

interface PlacedDocument {
  readonly document: Document;
  /** Where it begins. */
  readonly offset: number;
}

/** One JSON value a line is several documents, which YAML would not tell apart. */
function documentsOf(source: SourceText, lineCounter: LineCounter): PlacedDocument[] {
  const options = { prettyErrors: false, uniqueKeys: false, logLevel: 'error' } as const;
  const lines = source.text.split('\n');
  const written = lines.filter((line) => line.trim() !== '');
  if (written.length < 2 || !written.every((line) => /^\s*\{.*\}\s*$/.test(line))) {
    const all = parseAllDocuments(source.text, { ...options, lineCounter });
    return 'empty' in all ? [] : all.map((document) => ({ document, offset: 0 }));
  }
  let next = 0;
  return lines.flatMap((line) => {
    const offset = next;
    lineCounter.addNewLine(offset);
    next += line.length + 1;
    return line.trim() === '' ? [] : [{ document: parseDocument(line, options), offset }];
  });
}

class TooMuch extends Error {}

const DEEPEST = 200;
const MOST_NODES = 20_000; // of what aliases stand for: aliases within aliases unfold to more

class TreeReader {
  readonly #source: SourceText;
  readonly #lineCounter: LineCounter;
  #document!: Document;
  #offset = 0;
  #nodes = 0;
  /** How many aliases stand around what is read. */
  #within = 0;
  readonly #aliases = new Map<Alias, Node | undefined>();

  constructor(source: SourceText, lineCounter: LineCounter) {
    this.#source = source;
    this.#lineCounter = lineCounter;
  }

  read(document: Document, offset: number): Tree | null {
    this.#document = document;
    this.#offset = offset;
    return document.contents === null ? null : this.#tree(document.contents, [], 0, 0);
  }

  place(offset: number, path: Path): Place {
    const { line, col } = this.#lineCounter.linePos(offset);
    return { source: this.#source, line: Math.max(1, line), column: Math.max(1, col), path };
  }

  /** @param near where to point at if the node has no place of its own */
  #tree(found: unknown, path: Path, near: number, depth: number): Tree {
    if (isAlias(found)) {
      this.#within++;
      const tree = this.#tree(this.#meant(found) ?? null, path, near, depth + 1);
      this.#within--;
      return tree;
    }
    const node = found as Node | null;
    if (this.#within > 0) this.#nodes++;
    if (depth > DEEPEST || this.#nodes > MOST_NODES) throw new TooMuch();
    const start = node?.range === undefined || node.range === null ? near : this.#offset + node.range[0];
    const located = { place: this.place(start, path), via: null };
    const tree = this.#untagged(node, located, start, depth);
    const name = functionOf(node?.tag);
    if (name === null) return tree;
    const held = name === 'Fn::GetAtt' ? dotted(tree) : tree;
    return { ...located, kind: 'map', entries: new Map([[name, held]]), keys: new Map([[name, located.place]]) };
  }

  /** Looked up once: each time all of the document is searched. */
  #meant(alias: Alias): Node | undefined {
    if (!this.#aliases.has(alias)) this.#aliases.set(alias, alias.resolve(this.#document));
    return this.#aliases.get(alias);
  }

  #untagged(node: Node | null | undefined, located: Located, start: number, depth: number): Tree {
    const { path } = located.place;
    if (isMap(node)) {
      const entries = new Map<string, Tree>();
      const keys = new Map<string, Place>();
      for (const pair of node.items) this.#pair(pair, { entries, keys, path, start, depth });
      return { ...located, kind: 'map', entries, keys };
    }
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.#tree(item, [...path, i], start, depth + 1));
      return { ...located, kind: 'list', items };
    }
    return { ...located, kind: 'value', value: isScalar(node) ? plainScalar(node) : null };
  }

  #pair(
    pair: Pair,
    into: { entries: Map<string, Tree>; keys: Map<string, Place>; path: Path; start: number; depth: number },
  ): void {
    const { entries, keys, path, start, depth } = into;
    if (!isScalar(pair.key)) return;
    const key = String(pair.key.value);
    const at = pair.key.range ? this.#offset + pair.key.range[0] : start;
    const tree = this.#tree(pair.value, [...path, key], at, depth + 1);
    if (key === '<<') {
      for (const base of tree.kind === 'list' ? tree.items : [tree]) {
        if (base.kind !== 'map') continue;
        for (const [name, value] of base.entries) {
          if (!entries.has(name)) entries.set(name, value);
          if (!keys.has(name)) keys.set(name, base.keys.get(name) ?? base.place);
        }
      }
      return;
    }
    const place = this.place(at, [...path, key]);
    // What goes over several lines is looked for where its key stands.
    entries.set(key, tree.kind === 'map' || tree.kind === 'list' ? { ...tree, place } : tree);
    keys.set(key, place);
  }
}

function plainScalar({ value, source }: Scalar): ValueTree['value'] {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value))) {
    // 012345678901 is the number of an account, not a number.
    return source !== undefined && /^0\d/.test(source) ? source : value;
  }
  return source ?? String(value);
}

function functionOf(tag: string | undefined): string | null {
  const name = tag?.startsWith('!') && !tag.startsWith('!!') ? tag.slice(1) : '';
  if (name === '') return null;
  return name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
}

/** `!GetAtt Stream.Arn` is [Stream, Arn]. */
function dotted(tree: Tree): Tree {
  if (tree.kind !== 'value' || typeof tree.value !== 'string') return tree;
  const dot = tree.value.indexOf('.');
  if (dot < 0) return tree;
  const { place, via } = tree;
  const part = (value: string): Tree => ({ kind: 'value', value, place, via });
  return { kind: 'list', items: [part(tree.value.slice(0, dot)), part(tree.value.slice(dot + 1))], place, via };
}

/** The value of a key; undefined where there is none, or no map. */
export function at(tree: Tree | undefined, ...keys: readonly string[]): Tree | undefined {
  let found = tree;
  for (const key of keys) found = found?.kind === 'map' ? found.entries.get(key) : undefined;
  return found;
}

export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === 'list' ? tree.items : [];
}

export function entriesOf(tree: Tree | undefined): [string, Tree][] {
  return tree?.kind === 'map' ? [...tree.entries] : [];
}

/** A text, or a number as one; null where it is neither. */
export function textOf(tree: Tree | undefined): string | null {
  return tree?.kind === 'value' && (typeof tree.value === 'string' || typeof tree.value === 'number')
    ? String(tree.value)
    : null;
}

/** A text with `${…}` for what is not known. */
export function shownText(tree: Tree | undefined): string | null {
  return tree?.kind === 'unknown' ? tree.text : textOf(tree);
}

export function valueTree(value: ValueTree['value'], like: Tree, via: string | null = like.via): ValueTree {
  return { kind: 'value', value, place: like.place, via };
}

export function unknownTree(like: Tree, why: string, text: string): UnknownTree {
  return { kind: 'unknown', why, text, place: like.place, via: null };
}
