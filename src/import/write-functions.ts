import type { DataFiles } from './data-files.ts';
import type { Draft } from './draft.ts';
import { MARK, originOf, STAND_IN } from './draft.ts';
import { FUNCTION_SETTINGS } from './found.ts';
import type { JoinedFunction } from './join.ts';
import { lawOf } from './run-time-law.ts';

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
  text.put([...path, 'duration'], law.duration, law.why, originOf(law.place));
  text.say(2, 'with the batches of then; if larger ones take longer, write { base: 40ms, perRecord: 0.5ms }');
  if (law.coldStart === null) text.say(2, 'coldStart: 500ms # no REPORT line has an Init Duration');
  else text.put([...path, 'coldStart'], law.coldStart, law.coldStartWhy, originOf(law.place));
  if (law.failures > 0) {
    text.say(
      2,
      `${law.failures} of the ${law.count} invocations ended in an error or a timeout: faults: [{ probability: ${percentOf(law.failures / law.count)} }]`,
    );
  }
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(2))}%`;
}
