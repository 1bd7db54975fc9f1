import { isoTime } from '../kernel/calendar.ts';
import { SECOND } from '../kernel/time.ts';
import { UNRESERVED } from '../scenario/account.ts';
import type { Issue } from '../scenario/issue.ts';
import { homeOf } from './arn.ts';
import type { DataFiles } from './data-files.ts';
import { Draft, MARK, STAND_IN } from './draft.ts';
import type { Join, JoinedStream } from './join.ts';
import { shownPlace } from './provenance.ts';
import { settingValue } from './settings.ts';
import type { Traffic } from './traffic.ts';
import { durationText, trafficOf, trafficStart } from './traffic.ts';
import type { SourceText, Tree } from './tree.ts';
import { at } from './tree.ts';
import { writeFunction } from './write-functions.ts';
import { patternsOf, writeMapping } from './write-mappings.ts';
import { writeProducer } from './write-producers.ts';
import { writeStream } from './write-streams.ts';

/** Writes the scenario of what was put together, and what is wrong with its traffic. */
export function compose(
  join: Join,
  sources: readonly SourceText[],
  files: DataFiles,
): { readonly draft: Draft; readonly errors: readonly Issue[] } {
  const draft = new Draft(sources);
  const { text } = draft;
  const start = startOf(join);
  const issues: Issue[] = [];
  const traffic = new Map<JoinedStream, Traffic>();
  const series = join.streams.flatMap((stream) => stream.traffic);
  for (const stream of join.streams) {
    const own = trafficOf(stream, { start: start?.at ?? 0, series }, files, issues);
    if (own !== null) traffic.set(stream, own);
  }
  draft.warnings.push(...issues.filter(({ severity }) => severity === 'warning'));
  writeHead({ sources, start, traffic: [...traffic.values()] }, draft);
  writeAccount(join, files, draft);
  section('streams', join.streams, (stream) => writeStream(stream, draft));
  section('producers', join.streams, (stream) => {
    const patterns = join.mappings.filter((mapping) => mapping.stream === stream).flatMap(patternsOf);
    writeProducer(stream, { traffic: traffic.get(stream), patterns }, draft);
  });
  section('functions', join.functions, (target) => writeFunction(target, files, draft));
  section('mappings', join.mappings, (mapping) => writeMapping(mapping, start?.at ?? 0, draft));
  text.blank();
  for (const line of THRESHOLDS) text.raw(line);
  return { draft, errors: issues.filter(({ severity }) => severity === 'error') };

  function section<T>(name: string, things: readonly T[], write: (thing: T) => void): void {
    text.blank();
    text.open([name]);
    for (const thing of things) write(thing);
  }
}

const THRESHOLDS = [
  '# thresholds: # any one not met: exit status 99',
  "#   IteratorAge: ['max < 60s']",
  "#   records.lost: ['count == 0']",
];

interface Start {
  /** Microseconds since the Unix epoch. */
  readonly at: number;
  readonly why: string;
}

function writeHead(
  of: { readonly sources: readonly SourceText[]; readonly start: Start | null; readonly traffic: readonly Traffic[] },
  { text }: Draft,
): void {
  const { sources, start, traffic } = of;
  const names = sources.map(({ name, label }) => label || name.split('/').at(-1)!);
  text.say(0, `Made by shardclock import from ${names.join(', ')}.`);
  text.say(
    0,
    `Behind a value stands where it comes from. "${MARK}" marks what no file says: until then a value of ours stands there, and the figures of a run are no better than it.`,
  );
  text.put(['shardclock'], 1);
  text.put(['name'], `Imported from ${names.join(', ')}`);
  if (start !== null) text.put(['start'], isoTime(start.at), start.why);
  const end = Math.max(...traffic.map(({ length }) => length));
  if (traffic.length === 0) text.put(['duration'], STAND_IN.duration, `${MARK} how long to simulate`);
  else text.put(['duration'], durationText(end), 'as long as the traffic; its first hours only: --set duration=2h');
  text.put(['drain'], '10m', 'then on until every record is settled, at most this long');
}

/** Region and account of live answers, if they agree; and room for what is reserved. */
function writeAccount({ functions }: Join, { arns }: DataFiles, draft: Draft): void {
  const homes = arns.flatMap((arn) => homeOf(arn) ?? []);
  const [first = null] = homes;
  const home = homes.every(({ region, id }) => region === first?.region && id === first.id) ? first : null;
  const reserved = functions.reduce((sum, { settings }) => sum + ownConcurrency(settings), 0);
  const isCrowded = reserved > ACCOUNT_LIMIT - UNRESERVED;
  if (home === null && !isCrowded) return;
  const { text } = draft;
  text.blank();
  text.open(['account']);
  if (home !== null) {
    text.put(['account', 'id'], home.id);
    text.put(['account', 'region'], home.region);
  }
  if (!isCrowded) return;
  const least = reserved + UNRESERVED;
  const why = "the account's own limit; at least this, for what is reserved";
  text.put(['account', 'ConcurrentExecutions'], least, `${MARK} ${why}`);
  const place = functions.find(({ settings }) => ownConcurrency(settings) > 0)?.place ?? null;
  const message = `the account's limit of concurrency is not known; what is reserved needs at least ${least}, which stands in`;
  draft.standIn(place, message);
}

/** Of the traffic; else of the latest timestamp that a mapping begins at, which has to lie in the past. */
function startOf({ streams, mappings }: Join): Start | null {
  const traffic = trafficStart(streams);
  if (traffic !== null) return { at: traffic.at, why: `the first period: ${shownPlace(traffic.from)}` };
  const stamps = mappings.flatMap(({ settings }) => settings.get('StartingPositionTimestamp') ?? []);
  const latest = Math.max(...stamps.map((stamp) => Number(settingValue('StartingPositionTimestamp', stamp))));
  if (stamps.length === 0 || !(latest >= 0 && latest < LATEST)) return null;
  return { at: Math.ceil(latest) * SECOND, why: 'StartingPositionTimestamp, which may not be in the future' };
}

const LATEST = 9e9; // Unix seconds

const ACCOUNT_LIMIT = 1_000; // L1: AWS's default

function ownConcurrency(settings: ReadonlyMap<string, Tree>): number {
  const reserved = settings.get('ReservedConcurrentExecutions');
  const provisioned = at(settings.get('ProvisionedConcurrencyConfig'), 'ProvisionedConcurrentExecutions');
  const own = reserved ?? provisioned;
  const value = own === undefined ? 0 : settingValue('ReservedConcurrentExecutions', own);
  return typeof value === 'number' && Number.isInteger(value) ? value : 0;
}
