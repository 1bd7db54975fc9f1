import type { Path } from '../scenario/document.ts';
import type { Issue } from '../scenario/issue.ts';
import type { Place, ReadTrees, SourceText, Tree } from './tree.ts';
import { repeatedKey } from './tree.ts';

/**
 * What a text in JSON says; null where it is none, or is nested too deeply. YAML's reader would do, but answers of AWS
 * are large, and it takes ten times as long.
 */
export function jsonTree(source: SourceText): ReadTrees | null {
  const reader = new JsonReader(source);
  try {
    const tree = reader.value([], 0);
    return reader.isAtEnd() ? { trees: [tree], warnings: reader.warnings } : null;
  } catch (error) {
    if (error instanceof NoJson) return null;
    throw error;
  }
}

class NoJson extends Error {}

const BLANKS = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const DEEPEST = 200;

class JsonReader {
  readonly warnings: Issue[] = [];
  readonly #source: SourceText;
  readonly #text: string;
  #at = 0;
  /** Of the line that was reached. */
  #line = 1;
  #lineStart = 0;
  #nextBreak: number;

  constructor(source: SourceText) {
    this.#source = source;
    this.#text = source.text;
    this.#nextBreak = this.#text.indexOf('\n');
  }

  value(path: Path, depth: number, key: Place | null = null): Tree {
    this.#skip(BLANKS);
    const place = this.#place(path);
    const sign = this.#text[this.#at];
    if (depth > DEEPEST) throw new NoJson();
    if (sign === '{') return this.#map(path, depth, key ?? place);
    if (sign === '[') return this.#list(path, depth, key ?? place);
    const word = this.#skip(STRING) ?? this.#skip(PLAIN);
    if (word === null) throw new NoJson();
    const value = JSON.parse(word) as string | number | boolean | null;
    const isExact = typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value);
    return { kind: 'value', value: isExact ? value : word, place, via: null };
  }

  isAtEnd(): boolean {
    this.#skip(BLANKS);
    return this.#at === this.#text.length;
  }

  #map(path: Path, depth: number, place: Place): Tree {
    const entries = new Map<string, Tree>();
    const keys = new Map<string, Place>();
    this.#at++;
    for (let isFirst = true; !this.#take('}'); isFirst = false) {
      if (!isFirst) this.#expect(',');
      this.#skip(BLANKS);
      const offset = this.#at;
      const word = this.#skip(STRING);
      if (word === null) throw new NoJson();
      const name = JSON.parse(word) as string;
      const at = this.#place([...path, name], offset);
      this.#expect(':');
      const before = keys.get(name);
      if (before !== undefined) this.warnings.push(repeatedKey(at, before.line));
      entries.set(name, this.value(at.path, depth + 1, at));
      keys.set(name, at);
    }
    return { kind: 'map', entries, keys, place, via: null };
  }

  #list(path: Path, depth: number, place: Place): Tree {
    const items: Tree[] = [];
    this.#at++;
    while (!this.#take(']')) {
      if (items.length > 0) this.#expect(',');
      items.push(this.value([...path, items.length], depth + 1));
    }
    return { kind: 'list', items, place, via: null };
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw new NoJson();
  }

  #take(sign: string): boolean {
    this.#skip(BLANKS);
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #skip(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#at += match[0].length;
    return match[0];
  }

  #place(path: Path, offset: number = this.#at): Place {
    while (this.#nextBreak >= 0 && this.#nextBreak < offset) {
      this.#line++;
      this.#lineStart = this.#nextBreak + 1;
      this.#nextBreak = this.#text.indexOf('\n', this.#lineStart);
    }
    return { source: this.#source, line: this.#line, column: offset - this.#lineStart + 1, path };
  }
}
