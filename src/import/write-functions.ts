import type { DataFiles } from './data-files.ts';
import type { Draft } from './draft.ts';
import { MARK, originOf, STAND_IN } from './draft.ts';
import { FUNCTION_SETTINGS } from './found.ts';
import type { JoinedFunction } from './join.ts';
import { shownPlace } from './provenance.ts';
import type { RunTimeLaw } from './run-time-law.ts';
import { lawOf } from './run-time-law.ts';
import { flow } from './scenario-text.ts';

/** A function with its settings, and how long it runs. */
export function writeFunction(target: JoinedFunction, files: DataFiles, draft: Draft): void {
  const { text } = draft;
  const path = ['functions', target.name];
  draft.begin(path, target);
  draft.nameOf(target, 'function');
  draft.settings('functions', path, target, FUNCTION_SETTINGS);
  const law = lawOf(target, files);
  if (law === null) {
    text.put(
      [...path, 'duration'],
      STAND_IN.functionDuration,
      `${MARK} no file says how long it runs; or { base: 40ms, perRecord: 0.5ms }`,
    );
    text.say(2, 'coldStart: 500ms # what a new environment takes; REPORT lines of its log say both');
    draft.standIn(
      target.place,
      `no file says how long function ${target.name} runs; ${STAND_IN.functionDuration} stands in, and no time for cold starts`,
    );
    return;
  }
  const isOpen = law.timeouts === law.count;
  const { count } = law;
  const late = `${count === 1 ? 'the only invocation' : `all ${count} invocations`} ran into the Timeout, so no file says how long it runs`;
  text.put([...path, 'duration'], law.duration, isOpen ? `${MARK} ${late}` : law.why, originOf(law.place));
  if (isOpen) draft.standIn(law.place, `${late}; in a run each fails, too (faults)`);
  text.say(2, 'with the batches of then; if larger ones take longer, write { base: 40ms, perRecord: 0.5ms }');
  if (law.coldStart === null) text.say(2, 'coldStart: 500ms # no REPORT line has an Init Duration');
  else text.put([...path, 'coldStart'], law.coldStart, law.coldStartWhy, originOf(law.place));
  writeFaults(path, law, draft);
}

/**
 * What ran into the Timeout does so in a run as often: how long it would have taken, and so whether a longer one would do, no
 * log says. Errors may be those of a few records that came again and again, so that they are left to whoever knows.
 */
function writeFaults(path: readonly string[], law: RunTimeLaw, draft: Draft): void {
  const { text } = draft;
  const { count, errors, timeouts, timeout, place } = law;
  // Longer than the Timeout, so that it is one.
  const late = timeouts === 0 ? [] : [{ probability: percentOf(timeouts / count), after: `${timeout * 1_000 + 1}ms` }];
  if (late.length > 0) {
    const what = `${timeouts} of ${count} ${invocations(count)} ran into the Timeout of ${timeout} s`;
    text.put([...path, 'faults'], late, `${what}: ${shownPlace(place)}`, originOf(place));
    text.say(2, 'with a longer Timeout they fail all the same: how long they would have taken no log says');
    if (timeouts < count)
      draft.standIn(place, `${what}: in a run each has that chance to fail so (faults), whatever the Timeout is`);
  }
  if (errors > 0) {
    const failing = [...late, { probability: percentOf(errors / (count - timeouts)) }];
    const what = `${errors} of ${count} ${invocations(count)} ended in an error`;
    text.say(2, `${what}; ${late.length > 0 ? 'in place of the faults above, ' : ''}with these as many fail:`);
    text.say(2, `faults: ${flow(failing)}`);
    draft.standIn(place, `${what}; in a run none does, unless its faults say so: ${flow(failing)}`);
  }
}

function invocations(count: number): string {
  return count === 1 ? 'invocation' : 'invocations';
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(4))}%`;
}
