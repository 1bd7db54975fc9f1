import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { durationIn, fields, isFields, list, pastTheEnd, thing, unknownName, withCreated } from './finding.ts';
import { filterFindings } from './mapping-findings.ts';
import { STREAM_VERBS } from './stream-changes.ts';

/** What an entry does, and what it names beside the one that it does it to. */
const VERBS: Readonly<Record<string, 'set' | 'mapping' | null>> = {
  enable: null,
  disable: null,
  update: 'set',
  create: 'mapping',
  delete: null,
  role: 'set',
  ...Object.fromEntries(STREAM_VERBS.map((verb) => [verb, null])),
};

export function timelineFindings(root: Fields): Finding[] {
  const known = withCreated(root);
  return list(root.timeline).flatMap((item, index): Finding[] => {
    if (!isFields(item)) return [];
    const path = ['timeline', index];
    const verbs = Object.keys(VERBS).filter((verb) => item[verb] !== undefined);
    const [verb] = verbs;
    if (verb === undefined || verbs.length > 1) {
      return [{ path, message: `expected exactly one of ${Object.keys(VERBS).join(', ')}` }];
    }
    return [
      ...(verb === 'create' ? createFindings(item, index, root) : namedFindings(verb, item, path, known)),
      ...partFindings(verb, item, path),
      ...changeFindings(verb, item, path, known),
      ...timeFindings(item, path, root),
    ];
  });
}

function namedFindings(verb: string, entry: Fields, path: Path, root: Fields): Finding[] {
  if (STREAM_VERBS.some((one) => one === verb)) return unknownName(root, 'streams', entry[verb], [...path, verb]);
  return unknownName(root, verb === 'role' ? 'functions' : 'mappings', entry[verb], [...path, verb]);
}

/** Results, thresholds and identifiers go by a mapping's name. */
function createFindings({ create: name }: Fields, index: number, root: Fields): Finding[] {
  const first = list(root.timeline).findIndex((other) => fields(other).create === name);
  const isTaken = first < index || (typeof name === 'string' && Object.hasOwn(fields(root.mappings), name));
  if (!isTaken) return [];
  const path = ['timeline', index, 'create'];
  return [{ path, message: `there is a mapping '${String(name)}' already; expected another name` }];
}

/** What belongs to the verb is there, and nothing else. */
function partFindings(verb: string, entry: Fields, path: Path): Finding[] {
  const found: Finding[] = [];
  for (const part of ['set', 'mapping']) {
    const isThere = entry[part] !== undefined;
    if (VERBS[verb] === part && !isThere) found.push({ path, message: `${verb} needs ${part}` });
    if (VERBS[verb] !== part && isThere) {
      found.push({ path: [...path, part], message: `${verb} takes no ${part}`, atKey: true });
    }
  }
  return found;
}

function changeFindings(verb: string, entry: Fields, path: Path, root: Fields): Finding[] {
  const { set } = entry;
  const place = [...path, 'set'];
  if (verb === 'role' && isFields(set)) {
    return [{ path: place, message: 'expected the actions that the role allows, such as [kinesis:GetRecords]' }];
  }
  if (verb !== 'update') return [];
  if (Array.isArray(set)) return [{ path: place, message: 'expected a map of settings, such as { BatchSize: 500 }' }];
  if (!isFields(set)) return [];
  if (Object.keys(set).length === 0) return [{ path: place, message: 'expected at least one setting' }];
  const { stream, consumer } = thing(root, 'mappings', entry.update);
  return filterFindings({ ...set, stream, consumer }, place, root);
}

function timeFindings(entry: Fields, path: Path, root: Fields): Finding[] {
  return pastTheEnd(root, durationIn(entry, 'at'), [...path, 'at']);
}
