import { readdirSync } from 'node:fs';
import { CHART_NAMES, explainableNames, SWEEP_CHART_NAMES } from '../index.ts';
import { OPTIONS, VERBS, type Verb } from './options.ts';
import { templateNames } from './templates.ts';

/** What the word that is being typed, the last one, may become; none leaves it to the shell to complete a file's name. */
export function completions(typed: readonly string[]): string[] {
  const current = typed.at(-1) ?? '';
  const previous = typed.at(-2) ?? '';
  const [, verb] = typed;
  return candidates(verb, previous, { current, isFirst: typed.length <= 2 }).filter((word) => word.startsWith(current));
}

interface Place {
  readonly current: string;
  readonly isFirst: boolean;
}

function candidates(verb: string | undefined, previous: string, { current, isFirst }: Place): readonly string[] {
  if (isFirst) return current.startsWith('-') ? ['--help', '--version'] : VERBS;
  if (!isVerb(verb)) return [];
  const options = OPTIONS[verb];
  if (current.startsWith('-')) {
    const shown = Object.entries(options).filter(([, { hidden }]) => hidden !== true);
    return [...shown.map(([name]) => `--${name}`), '--help'];
  }
  if (previous === '--chart' && SWEEPING.includes(verb)) return SWEEP_CHART_NAMES;
  if (previous in VALUES && Object.hasOwn(options, previous.slice(2))) return VALUES[previous as keyof typeof VALUES];
  if (verb === 'explain')
    return current === '' ? [] : [...explainableNames().filter((name) => !name.includes(' ')), ...resultsHere()];
  return verb === 'init' && typed(previous) ? templateNames() : [];
}

const SWEEPING: readonly Verb[] = ['sweep', 'merge'];

const VALUES = {
  '--chart': CHART_NAMES,
  '--theme': ['light', 'dark'],
  '--progress': ['auto', 'plain', 'none'],
} as const;

/** Beside names of ours the shell completes no files. */
function resultsHere(): string[] {
  try {
    return readdirSync('.').filter((file) => file.endsWith('.json'));
  } catch {
    return [];
  }
}

/** Not an option that waits for its value. */
function typed(previous: string): boolean {
  return previous !== '-o' && previous !== '--out';
}

function isVerb(word: string | undefined): word is Verb {
  return VERBS.some((verb) => verb === word);
}
