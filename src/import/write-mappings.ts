import { SECOND } from '../kernel/time.ts';
import type { Draft } from './draft.ts';
import { MARK, saysNothing } from './draft.ts';
import { MAPPING_SETTINGS } from './found.ts';
import { firstUnknown } from './intrinsics.ts';
import type { JoinedMapping } from './join.ts';
import { provenance, shownPlace } from './provenance.ts';
import { legal } from './scenario-names.ts';
import { flow } from './scenario-text.ts';
import { settingValue } from './settings.ts';
import type { Tree } from './tree.ts';
import { at, issueAt, itemsOf, textOf } from './tree.ts';

/**
 * An event source mapping with its settings.
 *
 * @param start of the run, in microseconds since the Unix epoch
 */
export function writeMapping(mapping: JoinedMapping, start: number, draft: Draft): void {
  const { text } = draft;
  const path = ['mappings', mapping.name];
  draft.begin(path, mapping);
  if (mapping.consumer === null) text.put([...path, 'stream'], mapping.stream.name);
  else text.put([...path, 'consumer'], `${mapping.stream.name}/${legal(mapping.consumer)}`);
  text.put([...path, 'function'], mapping.function.name);
  if (mapping.place === null) {
    text.say(2, `${MARK} no file has a mapping: AWS's defaults stand here`);
    const place = mapping.stream.place ?? mapping.function.place;
    draft.standIn(
      place,
      `no file has an event source mapping; one from ${mapping.stream.name} to ${mapping.function.name} stands in, with AWS's defaults`,
    );
  }
  const position = writePosition(path, { mapping, start }, draft);
  const keys = MAPPING_SETTINGS.filter((key) => key !== 'FilterCriteria' && !position.has(key));
  draft.settings('mappings', path, mapping, keys);
  writeFilters(path, mapping, draft);
}

/** Settings of the position that are dealt with. */
function writePosition(
  path: readonly string[],
  { mapping, start }: { readonly mapping: JoinedMapping; readonly start: number },
  draft: Draft,
): ReadonlySet<string> {
  const both = new Set(['StartingPosition', 'StartingPositionTimestamp']);
  const position = mapping.settings.get('StartingPosition');
  const stamp = mapping.settings.get('StartingPositionTimestamp');
  const key = [...path, 'StartingPosition'];
  if (position === undefined || firstUnknown(position) !== null) {
    const why =
      position === undefined
        ? 'no file says where it starts'
        : `where it starts is not known: ${firstUnknown(position)!.why}`;
    draft.text.put(key, 'TRIM_HORIZON', `${MARK} ${why}`);
    if (mapping.place !== null) draft.standIn(position?.place ?? mapping.place, `${why}; TRIM_HORIZON stands in`);
    return both;
  }
  const seconds = stamp === undefined ? undefined : settingValue('StartingPositionTimestamp', stamp);
  if (
    position.kind === 'value' &&
    position.value === 'AT_TIMESTAMP' &&
    typeof seconds === 'number' &&
    seconds * SECOND > start
  ) {
    draft.text.put(
      key,
      'TRIM_HORIZON',
      `AT_TIMESTAMP ${seconds} in ${shownPlace(stamp!.place)}, which is after the traffic begins`,
    );
    draft.warnings.push(
      issueAt(stamp!.place, 'the timestamp is after the traffic begins; TRIM_HORIZON stands in', 'warning'),
    );
    return both;
  }
  return new Set();
}

function writeFilters(path: readonly string[], mapping: JoinedMapping, draft: Draft): void {
  const criteria = mapping.settings.get('FilterCriteria');
  if (criteria === undefined || saysNothing(criteria)) return;
  const unknown = firstUnknown(criteria);
  if (unknown !== null) {
    draft.unresolved('mappings', [...path, 'FilterCriteria'], criteria);
    return;
  }
  const patterns = patternsOf(mapping);
  if (patterns.length === 0) return;
  draft.text.open([...path, 'FilterCriteria'], null, criteria);
  draft.text.open([...path, 'FilterCriteria', 'Filters']);
  patterns.forEach((pattern, index) => {
    draft.text.raw(`        - Pattern: ${flow(textOf(pattern) ?? '')}`, provenance(pattern));
    draft.text.come([...path, 'FilterCriteria', 'Filters', index], pattern);
  });
}

/** Those of its filters, where they are known. */
export function patternsOf(mapping: JoinedMapping): Tree[] {
  const criteria = mapping.settings.get('FilterCriteria');
  if (criteria === undefined || firstUnknown(criteria) !== null) return [];
  return itemsOf(at(criteria, 'Filters')).flatMap((filter) => at(filter, 'Pattern') ?? []);
}
