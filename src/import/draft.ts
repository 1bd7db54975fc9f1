import type { Issue } from '../scenario/issue.ts';
import { firstUnknown } from './intrinsics.ts';
import type { Joined, JoinedNamed } from './join.ts';
import { provenance, shownPlace, shownValue } from './provenance.ts';
import { ScenarioText } from './scenario-text.ts';
import type { Section } from './settings.ts';
import { settingValue, standardOf } from './settings.ts';
import type { Place, SourceText, Tree } from './tree.ts';
import { issueAt, valueTree } from './tree.ts';

/** What stands in where no file says anything; each is named in a warning and marked in the text. */
export const STAND_IN = {
  duration: '30m',
  rate: '100/s',
  bytes: '1KB',
  shards: 1,
  functionDuration: '100ms',
} as const;

export const MARK = 'FILL IN:';

/** A scenario that is being written, and what its reader has to be told. */
export class Draft {
  readonly text = new ScenarioText();
  readonly warnings: Issue[] = [];
  readonly #sources: readonly SourceText[];

  constructor(sources: readonly SourceText[]) {
    this.#sources = sources;
  }

  /** Begins a stream, a function or a mapping. */
  begin(path: readonly string[], thing: Joined): void {
    const { place, remarks } = thing;
    this.text.open(path, place === null ? null : shownPlace(place), place === null ? null : originOf(place));
    for (const remark of remarks) this.text.say(path.length, remark);
  }

  /** A stream or a function of which no file says which it is. */
  nameOf({ name, unknown }: JoinedNamed, what: 'stream' | 'function'): void {
    if (unknown === null) return;
    this.text.say(2, `which ${what} it is, no file says: ${unknown.why}`);
    const message = `which ${what} this is is not known: ${unknown.why}; it is called ${name}`;
    this.warnings.push(issueAt(unknown.place, message, 'warning'));
  }

  /** Settings as the files have them, each with where it comes from. */
  settings(section: Section, path: readonly string[], thing: Joined, keys: readonly string[]): void {
    for (const key of keys) {
      const tree = thing.settings.get(key);
      if (tree === undefined || saysNothing(tree)) continue;
      const value = settingValue(key, tree);
      if (value === undefined) this.unresolved(section, [...path, key], tree);
      else this.text.put([...path, key], value, provenance(tree), tree);
    }
  }

  /** A setting that depends on what no file says. */
  unresolved(section: Section, path: readonly string[], tree: Tree): void {
    const key = path.at(-1)!;
    const { why } = firstUnknown(tree)!;
    const standard = standardOf(section, key);
    const then = standard === undefined ? 'it is left out' : `AWS's default holds, ${shownValue(standard)}`;
    this.text.say(path.length - 1, `${MARK} ${key}: not known (${shownPlace(tree.place)}): ${why}; ${then}`);
    this.warnings.push(issueAt(tree.place, `${key} is not known: ${why}; ${then}`, 'warning'));
  }

  /** Warns of a value of ours; without a place it is of all files together. */
  standIn(place: Place | null, message: string): void {
    const at = place ?? { source: this.#sources[0]!, line: 1, column: 1, path: [] };
    this.warnings.push(issueAt(at, message, 'warning'));
  }
}

/** As `DestinationConfig:` with nothing behind it does. */
export function saysNothing(tree: Tree): boolean {
  return (tree.kind === 'value' && tree.value === null) || (tree.kind === 'map' && tree.entries.size === 0);
}

/** For values that come from a place as a whole. */
export function originOf(place: Place): Tree {
  return valueTree(null, { kind: 'value', value: null, place, via: null });
}
