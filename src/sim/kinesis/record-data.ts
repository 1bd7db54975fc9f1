import type { Chance } from '../../kernel/chance.ts';
import { PLACEHOLDER } from '../../scenario/placeholders.ts';
import type { DataLaw, JsonValue } from '../../scenario/scenario.ts';

/** The data of a producer's records as text, before base64: what a filter looks at. */
export class RecordData {
  readonly #law: DataLaw;
  readonly #chance: Chance;
  /** One for each `pick` of the template, in their order. */
  readonly #picks: Chance[] = [];

  /** @param chance of the producer; places what is picked */
  constructor(law: DataLaw, chance: Chance) {
    this.#law = law;
    this.#chance = chance.fork('data');
  }

  /**
   * @param number a whole number that no other record of the producer has
   * @param isOrdered the producer's records are numbered 0, 1, 2, …: lines follow one another; else they are drawn
   */
  textOf(number: number, key: string, isOrdered: boolean): string {
    const law = this.#law;
    if (law.kind === 'lines') {
      const place = isOrdered ? number % law.lines.length : Math.floor(this.#chance.unit(number) * law.lines.length);
      return law.lines[place]!;
    }
    let picks = 0;
    const filled = (value: JsonValue): JsonValue => {
      if (typeof value === 'string') {
        if (value === '${index}') return number; // a text that is nothing else becomes a number
        return value.replaceAll(PLACEHOLDER, (_all, index, isKey, choices) => {
          if (index !== undefined) return String(number);
          if (isKey !== undefined) return key;
          const words = (choices as string).split(',');
          this.#picks[picks] ??= this.#chance.fork(String(picks));
          return words[Math.floor(this.#picks[picks++]!.unit(number) * words.length)]!;
        });
      }
      if (Array.isArray(value)) return value.map(filled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, filled(part)]));
    };
    return JSON.stringify(filled(law.template));
  }
}
