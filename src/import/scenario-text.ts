import { stringify } from 'yaml';
import type { Path } from '../scenario/document.ts';
import { pathText } from '../scenario/document.ts';
import type { Tree } from './tree.ts';

/** The text of a scenario as it grows, line by line, and which files its values come from. */
export class ScenarioText {
  readonly #lines: Line[] = [];
  readonly #origins = new Map<string, Tree>();

  /** `key: value`, or `key:` for what follows within; `why` is the comment behind it. */
  put(path: Path, value: unknown, why: string | null = null, origin: Tree | null = null): void {
    const depth = path.length - 1;
    const text = `${'  '.repeat(depth)}${flow(path.at(-1))}: ${flow(value)}`;
    this.#lines.push({ text, why });
    if (origin !== null) this.come(path, origin);
  }

  /** Begins a map. */
  open(path: Path, why: string | null = null, origin: Tree | null = null): void {
    this.#lines.push({ text: `${'  '.repeat(path.length - 1)}${flow(path.at(-1))}:`, why });
    if (origin !== null) this.come(path, origin);
  }

  /** A line of its own, `depth` steps in. */
  say(depth: number, comment: string): void {
    for (const line of wrapped(oneLine(comment)))
      this.#lines.push({ text: `${'  '.repeat(depth)}# ${line}`, why: null });
  }

  blank(): void {
    this.#lines.push({ text: '', why: null });
  }

  /** YAML as it is. */
  raw(text: string, why: string | null = null): void {
    this.#lines.push({ text, why });
  }

  /** Says where the value of a path comes from, and all within it. */
  come(path: Path, origin: Tree): void {
    this.#origins.set(pathText(path), origin);
  }

  /** Of the path that a message names, or of the nearest one around it. */
  originOf(path: string): Tree | undefined {
    for (let text = path; text !== ''; text = text.replace(/(\.?[^.[\]]+|\[[^\]]*\])$/, '')) {
      const origin = this.#origins.get(text);
      if (origin !== undefined) return origin;
    }
    return undefined;
  }

  toString(): string {
    const shown = this.#lines.map(({ text, why }) => (why === null ? text : `${text} # ${oneLine(why)}`));
    return `${shown.join('\n')}\n`;
  }
}

interface Line {
  readonly text: string;
  readonly why: string | null;
}

/** A value on one line. */
export function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, defaultStringType: 'PLAIN' })
    .trimEnd()
    .replaceAll(/\n\s*/g, ' ');
}

/** What stands in strange files must not end a comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\ufeff]+/gu, ' ').trim();
}

const WIDTH = 110;

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
