import type { Options } from 'yargs';
import { didYouMean } from '../index.ts';
import { Failure, usageError } from './exit.ts';
import { OPTIONS, VERBS, type Verb } from './options.ts';
import { restoreDash } from './words.ts';

/** What the parser fails with where no command is named. */
export const NO_COMMAND = 'no command';

/** What is no command of ours. */
export function refuseUnknownVerb(word: string | undefined): void {
  if (word === undefined || word.startsWith('-') || isVerb(word)) return;
  if (/\.(ya?ml|json)$/i.test(word))
    throw usageError(`unknown command '${word}'`, `Did you mean: shardclock run ${word}`);
  throw usageError(`unknown command '${word}'${didYouMean(word, VERBS)}`, MORE);
}

/** Options may stand before the command; of a flag there yargs would take the command for the value. */
export function commandFirst(argv: readonly string[]): readonly string[] {
  let place = 0;
  while (argv[place]?.startsWith('-')) place += hasValueBehind(argv[place]!) ? 2 : 1;
  const verb = argv[place];
  return verb !== undefined && isVerb(verb) ? [verb, ...argv.slice(0, place), ...argv.slice(place + 1)] : argv;
}

/** Whether the next word is the value of an option. */
function hasValueBehind(word: string): boolean {
  const name = /^--?([\w-]+)$/.exec(word)?.[1];
  return VERBS.some((verb) =>
    Object.entries(OPTIONS[verb]).some(
      ([full, { alias, type }]) => (full === name || alias === name) && type !== 'boolean',
    ),
  );
}

const MORE = 'shardclock --help lists the commands.';

/** What yargs did not understand, in words of ours. */
export function misunderstood(error: Error, argv: readonly string[]): unknown {
  if (error instanceof Failure || error.name !== 'YError') return error;
  const message = restoreDash(error.message);
  const verb = argv.find(isVerb);
  const hint = verb === undefined ? MORE : `shardclock ${verb} --help says more.`;
  if (message === NO_COMMAND) return usageError('expected a command', MORE);
  if (message.startsWith('Not enough non-option arguments')) {
    if (verb === 'compare') return usageError('compare: expected two scenarios, or two results', hint);
    const expected = verb === 'explain' ? 'a result, or the name of a setting, a metric or a cause' : 'a file';
    return usageError(`${verb}: expected ${expected}`, hint);
  }
  const withoutValue = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (withoutValue !== undefined) return usageError(`${dashed(withoutValue)} needs a value`, hint);
  const unknown = /^Unknown arguments?: ([^,]*)/.exec(message)?.[1];
  if (unknown === undefined) return usageError(message, hint);
  if (argv.includes(unknown)) return usageError(`unexpected '${unknown}'`, hint);
  const known = verb === undefined ? [] : Object.keys(OPTIONS[verb]);
  const near = didYouMean(unknown, known).replace("'", "'--");
  return usageError(`unknown option ${dashed(unknown)}${near}`, hint);
}

/** yargs takes whatever stands behind a flag's = that it does not know for false. */
export function refuseFlagValues(argv: readonly string[]): void {
  const verb = argv.find(isVerb);
  for (const word of argv) {
    if (word === '--') return;
    const [, name, value] = /^--?([\w-]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || verb === undefined || value === 'true' || value === 'false') continue;
    const isMeant = ([full, { alias, type }]: [string, Options]) =>
      type === 'boolean' && (full === name || alias === name);
    if (!Object.entries(OPTIONS[verb] as Readonly<Record<string, Options>>).some(isMeant)) continue;
    throw usageError(`${dashed(name)} takes no value, got '${value}'`, `shardclock ${verb} --help says more.`);
  }
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

function isVerb(word: string): word is Verb {
  return VERBS.some((verb) => verb === word);
}
