import type { Chance } from '../../kernel/chance.ts';
import { PLACEHOLDER } from '../../scenario/placeholders.ts';
import type { DataLaw, JsonValue } from '../../scenario/scenario.ts';
import { jsonText, utf8Length } from './offers.ts';

/** The data of a producer's records, before base64. */
export interface RecordData {
  /** Whether a record's key is part of it: only then is it asked for. */
  readonly holdsKey: boolean;
  /** @param number a whole number that no other record of the producer has */
  textOf(number: number, key: string): string;
  /**
   * Of the same text, in UTF-8.
   *
   * @param keyBytes of the key in JSON, without the quotes
   * @param key '' for one of sixteen hexadecimal digits
   */
  bytesOf(number: number, keyBytes: number, key: string): number;
  /** As a filter sees it (P10): parsed where it is a JSON object or array, else the text. Good until the next call. */
  parsedOf(number: number, key: () => string): JsonValue;
}

/**
 * @param chance of the producer; places what is picked
 * @param isOrdered the producer's records are numbered 0, 1, 2, …: lines follow one another; else they are drawn
 */
export function recordDataOf(law: DataLaw, chance: Chance, isOrdered: boolean): RecordData {
  const own = chance.fork('data');
  return law.kind === 'lines' ? new Lines(law.lines, own, isOrdered) : new FilledTemplate(law.template, own);
}

/** A text that a pattern may look into: no other JSON is an object or an array. */
export function parsedData(text: string): JsonValue {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

class Lines implements RecordData {
  readonly holdsKey = false;
  readonly #lines: readonly string[];
  readonly #chance: Chance;
  readonly #isOrdered: boolean;
  /** Of each line, where somebody has asked. */
  readonly #bytes: (number | undefined)[] = [];
  readonly #parsed: (JsonValue | undefined)[] = [];

  constructor(lines: readonly string[], chance: Chance, isOrdered: boolean) {
    this.#lines = lines;
    this.#chance = chance;
    this.#isOrdered = isOrdered;
  }

  textOf(number: number): string {
    return this.#lines[this.#placeOf(number)]!;
  }

  bytesOf(number: number): number {
    const place = this.#placeOf(number);
    this.#bytes[place] ??= utf8Length(this.#lines[place]!);
    return this.#bytes[place];
  }

  parsedOf(number: number): JsonValue {
    const place = this.#placeOf(number);
    this.#parsed[place] ??= parsedData(this.#lines[place]!);
    return this.#parsed[place];
  }

  #placeOf(number: number): number {
    const { length } = this.#lines;
    return this.#isOrdered ? number % length : Math.floor(this.#chance.unit(number) * length);
  }
}

/** What stands in place of a placeholder: as it is, as JSON has it in quotes, and the bytes of that. */
interface Filling {
  text(): string;
  json(): string;
  bytes(): number;
}

/** A value of the template. */
interface Part {
  /** The same in every record. */
  readonly isConstant: boolean;
  value(): JsonValue;
}

/** A template of JSON, taken apart once: what stays as it is lies between what is filled in for each record. */
class FilledTemplate implements RecordData {
  holdsKey = false;
  readonly #chance: Chance;
  /** The JSON before each filling, and behind the last. */
  readonly #literals: string[] = [''];
  readonly #fillings: Filling[] = [];
  readonly #literalBytes: number;
  readonly #whole: Part;
  /** It is an object or an array. */
  readonly #isParsed: boolean;
  /** Characters of the template are cut in halves that what is filled in may make whole. */
  #isRagged = false;
  #picks = 0;
  /** The record in question. */
  #number = 0;
  #key = '';
  #keyBytes = 0;
  #askKey: (() => string) | null = null;

  constructor(template: JsonValue, chance: Chance) {
    this.#chance = chance;
    this.#whole = this.#partOf(template);
    this.#isParsed = typeof template === 'object' && template !== null;
    this.#literalBytes = utf8Length(this.#literals.join(''));
  }

  textOf(number: number, key: string): string {
    this.#number = number;
    this.#key = key;
    this.#askKey = null;
    if (this.#isRagged || isRagged(key)) return JSON.stringify(this.#whole.value());
    let text = this.#literals[0]!;
    for (let i = 0; i < this.#fillings.length; i++) text += this.#fillings[i]!.json() + this.#literals[i + 1]!;
    return text;
  }

  bytesOf(number: number, keyBytes: number, key: string): number {
    if (this.#isRagged || isRagged(key)) return utf8Length(this.textOf(number, key));
    this.#number = number;
    this.#keyBytes = keyBytes;
    let bytes = this.#literalBytes;
    for (let i = 0; i < this.#fillings.length; i++) bytes += this.#fillings[i]!.bytes();
    return bytes;
  }

  parsedOf(number: number, key: () => string): JsonValue {
    if (!this.#isParsed) return this.textOf(number, this.holdsKey ? key() : '');
    this.#number = number;
    this.#askKey = key;
    return this.#whole.value();
  }

  #add(json: string): void {
    this.#literals[this.#literals.length - 1] += json;
  }

  #fill(filling: Filling): Filling {
    this.#fillings.push(filling);
    this.#literals.push('');
    return filling;
  }

  #partOf(value: JsonValue): Part {
    if (typeof value === 'string' && value.includes('${')) return this.#textPart(value);
    if (Array.isArray(value)) {
      const parts = this.#list('[', ']', value, (item) => this.#partOf(item));
      const isConstant = parts.every((part) => part.isConstant);
      return { isConstant, value: () => parts.map((part) => part.value()) };
    }
    if (typeof value === 'object' && value !== null) {
      const entries = this.#list('{', '}', Object.entries(value), ([name, item]) => {
        this.#add(`${JSON.stringify(name)}:`);
        return [name, this.#partOf(item)] as const;
      });
      const isConstant = entries.every(([, part]) => part.isConstant);
      // What a pattern does not ask for is not filled in.
      const filled = {};
      for (const [name, part] of entries) {
        const property = part.isConstant ? { value: part.value() } : { get: () => part.value() };
        Object.defineProperty(filled, name, { ...property, enumerable: true });
      }
      return { isConstant, value: () => filled };
    }
    const json = JSON.stringify(value);
    this.#add(json);
    const constant = JSON.parse(json) as JsonValue;
    return { isConstant: true, value: () => constant };
  }

  #list<T, U>(open: string, close: string, items: readonly T[], partOf: (item: T) => U): U[] {
    this.#add(open);
    const parts = items.map((item, i) => {
      if (i > 0) this.#add(',');
      return partOf(item);
    });
    this.#add(close);
    return parts;
  }

  #textPart(text: string): Part {
    if (text === '${index}') {
      this.#fill(this.#index); // a text that is nothing else becomes a number
      return { isConstant: false, value: () => this.#number };
    }
    const pieces: (string | Filling)[] = [];
    this.#add('"');
    let end = 0;
    const literal = (piece: string) => {
      this.#isRagged ||= isRagged(piece);
      pieces.push(piece);
      this.#add(jsonText(piece));
    };
    for (const match of text.matchAll(PLACEHOLDER)) {
      const [whole, index, isKey, choices] = match;
      literal(text.slice(end, match.index));
      end = match.index + whole.length;
      if (isKey !== undefined) this.holdsKey = true;
      const filling =
        index !== undefined ? this.#index : isKey !== undefined ? this.#keyFilling : this.#pickOf(choices!);
      pieces.push(this.#fill(filling));
    }
    literal(text.slice(end));
    this.#add('"');
    const isConstant = end === 0;
    return {
      isConstant,
      value: () => pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text())).join(''),
    };
  }

  readonly #index: Filling = {
    text: () => String(this.#number),
    json: () => String(this.#number),
    bytes: () => digitsOf(this.#number),
  };

  readonly #keyFilling: Filling = {
    text: () => (this.#askKey === null ? this.#key : this.#askKey()),
    json: () => jsonText(this.#key),
    bytes: () => this.#keyBytes,
  };

  #pickOf(choices: string): Filling {
    const words = choices.split(',');
    this.#isRagged ||= words.some(isRagged);
    const inJson = words.map(jsonText);
    const bytes = inJson.map(utf8Length);
    const chance = this.#chance.fork(String(this.#picks++));
    const place = () => Math.floor(chance.unit(this.#number) * words.length);
    return { text: () => words[place()]!, json: () => inJson[place()]!, bytes: () => bytes[place()]! };
  }
}

/** Whether a text begins with the second half of a character, or ends with the first. */
function isRagged(text: string): boolean {
  const [first, last] = [text.charCodeAt(0), text.charCodeAt(text.length - 1)];
  return (first >= 0xdc00 && first <= 0xdfff) || (last >= 0xd800 && last <= 0xdbff);
}

function digitsOf(number: number): number {
  let digits = 1;
  for (let power = 10; power <= number; power *= 10) digits++;
  return digits;
}
