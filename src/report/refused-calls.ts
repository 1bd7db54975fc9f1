import { SECOND } from '../kernel/time.ts';
import type { MappingTally } from '../recording/mapping-tally.ts';
import { at } from './words.ts';

/** M6: a call of the timeline that AWS would refuse, so that what it was meant to change stayed as it was (A1). */
export function refusedCallWarnings({ settings, life }: MappingTally): string[] {
  return life.calls.flatMap(({ at: instant, action, parameters, outcome }) => {
    if (typeof outcome === 'number') return [];
    const set = Object.keys(parameters);
    const what = set.length === 0 ? action : `${action} of ${set.join(', ')}`;
    const answer = `${outcome.code}: ${outcome.message.replace(/\.$/, '')}`;
    return [`Mapping ${settings.name}: ${what} ${at(instant / SECOND)} was refused and changed nothing. ${answer}.`];
  });
}
