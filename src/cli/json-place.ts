/** A place in a text, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where the value of a path stands in a text of JSON, or the nearest one around it that is there. */
export function placeOf(text: string, path: readonly (string | number)[]): Place {
  const reader = new Reader(text);
  reader.read(path);
  return placeAt(text, reader.found);
}

/** Where a text stops being JSON: at its end, if something is missing there. */
export function placeOfFault(text: string): Place {
  const reader = new Reader(text);
  reader.read([]);
  if (reader.fault === null) reader.blanks();
  return placeAt(text, reader.fault ?? reader.at);
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

const BLANKS = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** Far more than any result has; the stack ends later. */
const DEEPEST = 500;

/** Reads values one after another, with no care for what they are. */
class Reader {
  readonly #text: string;
  at = 0;
  /** The first sign that cannot stand where it stands. */
  fault: number | null = null;
  found = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param path the rest of the way, null off it */
  read(path: readonly (string | number)[] | null, depth = 0): void {
    this.blanks();
    if (path !== null) this.found = this.at;
    const sign = this.#text[this.at];
    if (depth > DEEPEST) this.fault ??= this.at;
    else if (sign === '{') this.#items('}', path, depth, true);
    else if (sign === '[') this.#items(']', path, depth, false);
    else if (this.#skip(STRING) === null && this.#skip(PLAIN) === null) this.fault ??= this.at;
  }

  blanks(): void {
    this.#skip(BLANKS);
  }

  #items(end: string, path: readonly (string | number)[] | null, depth: number, isMap: boolean): void {
    this.at++;
    this.blanks();
    if (this.#take(end)) return;
    for (let index = 0; this.fault === null; index++) {
      this.blanks();
      const keyAt = this.at;
      const key = isMap ? this.#key() : index;
      if (this.fault !== null) return;
      const isOnWay = path !== null && path.length > 0 && key === path[0];
      if (isOnWay) this.found = keyAt;
      this.read(isOnWay ? path.slice(1) : null, depth + 1);
      if (this.fault !== null) return;
      this.blanks();
      if (this.#take(end)) return;
      if (!this.#take(',')) this.fault = this.at;
    }
  }

  #key(): string {
    const text = this.#skip(STRING);
    this.blanks();
    if (text === null || !this.#take(':')) {
      this.fault ??= this.at;
      return '';
    }
    return JSON.parse(text) as string;
  }

  #take(sign: string): boolean {
    if (this.#text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  #skip(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.at += match[0].length;
    return match[0];
  }
}
