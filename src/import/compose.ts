import { isoTime } from '../kernel/calendar.ts';
import { SECOND } from '../kernel/time.ts';
import type { Issue } from '../scenario/issue.ts';
import { homeOf } from './arn.ts';
import type { DataFiles } from './data-files.ts';
import { dataTemplate } from './data-template.ts';
import { FUNCTION_SETTINGS, MAPPING_SETTINGS, STREAM_SETTINGS } from './found.ts';
import { firstUnknown } from './intrinsics.ts';
import type { Join, Joined, JoinedFunction, JoinedMapping, JoinedStream } from './join.ts';
import { provenance, shownPlace, shownValue } from './provenance.ts';
import { lawOf } from './run-time-law.ts';
import { flow, ScenarioText } from './scenario-text.ts';
import type { Section } from './settings.ts';
import { settingValue, standardOf } from './settings.ts';
import type { Traffic } from './traffic.ts';
import { durationText, trafficOf, trafficStart } from './traffic.ts';
import type { Place, SourceText, Tree } from './tree.ts';
import { at, issueAt, itemsOf, textOf, valueTree } from './tree.ts';

/** What stands in where no file says anything; each is named in a warning and marked in the text. */
const STAND_IN = { duration: '30m', rate: '100/s', bytes: '1KB', shards: 1, functionDuration: '100ms' } as const;

const MARK = 'FILL IN:';

/** Writes the scenario of what was put together. */
export class Composition {
  readonly text = new ScenarioText();
  readonly warnings: Issue[] = [];
  readonly errors: Issue[] = [];
  readonly #join: Join;
  readonly #files: DataFiles;
  readonly #sources: readonly SourceText[];
  readonly #traffic = new Map<JoinedStream, Traffic>();
  readonly #start: { readonly at: number; readonly why: string } | null;

  constructor(join: Join, sources: readonly SourceText[], files: DataFiles) {
    this.#join = join;
    this.#sources = sources;
    this.#files = files;
    this.#start = startOf(join);
    const issues: Issue[] = [];
    for (const stream of join.streams) {
      const traffic = trafficOf(stream, this.#start?.at ?? 0, files, issues);
      if (traffic !== null) this.#traffic.set(stream, traffic);
    }
    for (const issue of issues) (issue.severity === 'error' ? this.errors : this.warnings).push(issue);
    this.#head();
    this.#account();
    this.#section('streams', join.streams, (stream) => this.#stream(stream));
    this.#section('producers', join.streams, (stream) => this.#producer(stream));
    this.#section('functions', join.functions, (target) => this.#function(target));
    this.#section('mappings', join.mappings, (mapping) => this.#mapping(mapping));
    this.#tail();
  }

  #head(): void {
    const { text } = this;
    const names = this.#sources.map(({ name, label }) => label || name.split('/').at(-1)!);
    text.say(0, `Made by shardclock import from ${names.join(', ')}.`);
    text.say(
      0,
      `Behind a value stands where it comes from. "${MARK}" marks what no file says: until then a value of ours stands there, and the figures of a run are no better than it.`,
    );
    text.put(['shardclock'], 1);
    text.put(['name'], `Imported from ${names.join(', ')}`);
    const traffic = [...this.#traffic.values()];
    const start = this.#start;
    if (start !== null) text.put(['start'], isoTime(start.at), start.why);
    const end = Math.max(...traffic.map(({ length }) => length));
    if (traffic.length === 0) text.put(['duration'], STAND_IN.duration, `${MARK} how long to simulate`);
    else text.put(['duration'], durationText(end), 'as long as the traffic; its first hours only: --set duration=2h');
    text.put(['drain'], '10m', 'then on until every record is settled, at most this long');
  }

  /** Region and account of live answers, if they agree; and room for what is reserved. */
  #account(): void {
    const { functions, streams } = this.#join;
    const homes = this.#files.arns.flatMap((arn) => homeOf(arn) ?? []);
    const [first = null] = homes;
    const home = homes.every(({ region, id }) => region === first?.region && id === first.id) ? first : null;
    const reserved = functions.reduce((sum, { settings }) => sum + ownConcurrency(settings), 0);
    const isCrowded = reserved > ACCOUNT_LIMIT - UNRESERVED;
    if (home === null && !isCrowded) return;
    const { text } = this;
    text.blank();
    text.open(['account']);
    if (home !== null) {
      text.put(['account', 'id'], home.id);
      text.put(['account', 'region'], home.region);
    }
    if (!isCrowded) return;
    const least = reserved + UNRESERVED;
    text.put(
      ['account', 'ConcurrentExecutions'],
      least,
      `${MARK} the account's own limit; at least this, for what is reserved`,
    );
    const place = streams[0]?.place ?? null;
    this.#standIn(
      place,
      `the account's limit of concurrency is not known; what is reserved needs at least ${least}, which stands in`,
    );
  }

  #section<T extends Joined>(section: string, things: readonly T[], write: (thing: T) => void): void {
    this.text.blank();
    this.text.open([section]);
    for (const thing of things) write(thing);
  }

  #stream(stream: JoinedStream): void {
    const { text } = this;
    const path = ['streams', stream.name];
    this.#begin(path, stream);
    if (stream.unknown !== null) {
      text.say(2, `which stream it is, no file says: ${stream.unknown.why}`);
      this.warnings.push(
        issueAt(
          stream.unknown.place,
          `which stream this is is not known: ${stream.unknown.why}; it is called ${stream.name}`,
          'warning',
        ),
      );
    }
    const shards = stream.settings.get('shards');
    const keys = STREAM_SETTINGS.filter((key) => key !== 'ShardCount' || shards === undefined);
    if (shards !== undefined) this.#shards(path, shards);
    const isOnDemand = textOf(stream.settings.get('StreamMode')) === 'ON_DEMAND';
    const count = stream.settings.get('ShardCount');
    if (shards === undefined && !isOnDemand && (count === undefined || firstUnknown(count) !== null)) {
      const why =
        count === undefined
          ? 'no file says how many shards'
          : `how many shards is not known: ${firstUnknown(count)!.why}`;
      const hint = 'aws kinesis describe-stream-summary says';
      text.put([...path, 'ShardCount'], STAND_IN.shards, `${MARK} ${why}; ${hint}`);
      this.#standIn(
        count?.place ?? stream.place,
        `${why} stream ${stream.name} has; ${STAND_IN.shards} stands in (${hint})`,
      );
      this.#settings(
        'streams',
        path,
        stream,
        keys.filter((key) => key !== 'ShardCount'),
      );
    } else this.#settings('streams', path, stream, keys);
    if (stream.consumers.length > 0) text.put([...path, 'consumers'], stream.consumers, 'with enhanced fan-out');
  }

  #shards(path: readonly string[], shards: Tree): void {
    const { text } = this;
    text.open([...path, 'shards'], provenance(shards), shards);
    itemsOf(shards).forEach((shard, index) => {
      const range = Object.fromEntries(
        ['StartingHashKey', 'EndingHashKey'].map((key) => [key, textOf(at(shard, key)) ?? '']),
      );
      text.raw(`      - ${flow(range)}`, shownPlace(shard.place));
      text.come([...path, 'shards', index], shard);
    });
  }

  #producer(stream: JoinedStream): void {
    const { text } = this;
    const path = ['producers', stream.name];
    const traffic = this.#traffic.get(stream);
    text.open(path, null, stream.place === null ? null : originOf(stream.place));
    text.put([...path, 'stream'], stream.name);
    if (traffic === undefined) {
      text.put([...path, 'rate'], STAND_IN.rate, `${MARK} no file says how much traffic there is`);
      text.say(
        2,
        'or with CloudWatch: aws cloudwatch get-metric-data (IncomingRecords and IncomingBytes, Sum) > metrics.json',
      );
      text.say(2, 'trace: { file: metrics.json, metric: IncomingRecords }');
      this.#standIn(
        stream.place,
        `no file says how much traffic stream ${stream.name} has; ${STAND_IN.rate} stands in, of ${STAND_IN.bytes} a record`,
      );
    } else {
      text.put([...path, 'trace'], traffic.trace, traffic.why, traffic.origin);
      text.say(
        2,
        `--set producers.${stream.name}.trace.scale=2 makes it twice the traffic; peaks within a period are not in it`,
      );
    }
    this.#content(path, stream, traffic);
    text.say(2, 'keys: { count: 10000 } # without it records spread evenly over the shards');
  }

  /** The data of records, if a filter looks at it; else their size. */
  #content(path: readonly string[], stream: JoinedStream, traffic: Traffic | undefined): void {
    const { text } = this;
    const patterns = this.#join.mappings.filter((mapping) => mapping.stream === stream).flatMap(patternsOf);
    const template = dataTemplate(patterns.map((pattern) => textOf(pattern) ?? ''));
    if (template === null) {
      if (!traffic?.bytes) {
        text.put([...path, 'bytes'], STAND_IN.bytes, `${MARK} no file says how large records are`);
        const bytes = `no file says how large the records of stream ${stream.name} are; ${STAND_IN.bytes} stands in (IncomingBytes says)`;
        if (traffic !== undefined) this.#standIn(traffic.origin.place, bytes);
      } else text.put([...path, 'bytes'], `${traffic.bytes.size}B`, traffic.bytes.why);
      return;
    }
    text.say(
      2,
      `${MARK} what records hold, which the filters look at. These are values that some filter asks for, and others: how many records pass a filter is ours, not yours. How large records are follows from it.`,
    );
    text.put([...path, 'data'], { template });
    this.#standIn(
      patterns[0]!.place,
      `no file says what the records of stream ${stream.name} hold; data made up from the filters stands in, so which share passes them is no finding`,
    );
  }

  #function(target: JoinedFunction): void {
    const { text } = this;
    const path = ['functions', target.name];
    this.#begin(path, target);
    if (target.unknown !== null) {
      text.say(2, `which function it is, no file says: ${target.unknown.why}`);
      this.warnings.push(
        issueAt(
          target.unknown.place,
          `which function this is is not known: ${target.unknown.why}; it is called ${target.name}`,
          'warning',
        ),
      );
    }
    this.#settings('functions', path, target, FUNCTION_SETTINGS);
    const law = lawOf(target, this.#files);
    if (law === null) {
      text.put(
        [...path, 'duration'],
        STAND_IN.functionDuration,
        `${MARK} no file says how long it runs; or { base: 40ms, perRecord: 0.5ms }`,
      );
      text.say(2, 'coldStart: 500ms # what a new environment takes; REPORT lines of its log say both');
      this.#standIn(
        target.place,
        `no file says how long function ${target.name} runs; ${STAND_IN.functionDuration} stands in, and no time for cold starts`,
      );
      return;
    }
    text.put([...path, 'duration'], law.duration, law.why, originOf(law.place));
    if (law.coldStart === null) text.say(2, 'coldStart: 500ms # no REPORT line has an Init Duration');
    else text.put([...path, 'coldStart'], law.coldStart, law.coldStartWhy, originOf(law.place));
    if (law.failures > 0) {
      text.say(
        2,
        `${law.failures} of the ${law.count} invocations ended in an error or a timeout: faults: [{ probability: ${percentOf(law.failures / law.count)} }]`,
      );
    }
  }

  #mapping(mapping: JoinedMapping): void {
    const { text } = this;
    const path = ['mappings', mapping.name];
    this.#begin(path, mapping);
    if (mapping.consumer === null) text.put([...path, 'stream'], mapping.stream.name);
    else text.put([...path, 'consumer'], `${mapping.stream.name}/${mapping.consumer}`);
    text.put([...path, 'function'], mapping.function.name);
    if (mapping.place === null) {
      text.say(2, `${MARK} no file has a mapping: AWS's defaults stand here`);
      const place = mapping.stream.place ?? mapping.function.place;
      this.#standIn(
        place,
        `no file has an event source mapping; one from ${mapping.stream.name} to ${mapping.function.name} stands in, with AWS's defaults`,
      );
    }
    const position = this.#position(path, mapping);
    const keys = MAPPING_SETTINGS.filter((key) => key !== 'FilterCriteria' && !position.has(key));
    this.#settings('mappings', path, mapping, keys);
    this.#filters(path, mapping);
  }

  /** Settings of the position that are dealt with. */
  #position(path: readonly string[], mapping: JoinedMapping): ReadonlySet<string> {
    const both = new Set(['StartingPosition', 'StartingPositionTimestamp']);
    const position = mapping.settings.get('StartingPosition');
    const stamp = mapping.settings.get('StartingPositionTimestamp');
    const key = [...path, 'StartingPosition'];
    if (position === undefined || firstUnknown(position) !== null) {
      const why =
        position === undefined
          ? 'no file says where it starts'
          : `where it starts is not known: ${firstUnknown(position)!.why}`;
      this.text.put(key, 'TRIM_HORIZON', `${MARK} ${why}`);
      if (mapping.place !== null) this.#standIn(position?.place ?? mapping.place, `${why}; TRIM_HORIZON stands in`);
      return both;
    }
    const seconds = stamp === undefined ? undefined : settingValue('StartingPositionTimestamp', stamp);
    if (
      position.kind === 'value' &&
      position.value === 'AT_TIMESTAMP' &&
      typeof seconds === 'number' &&
      seconds * SECOND > (this.#start?.at ?? 0)
    ) {
      this.text.put(
        key,
        'TRIM_HORIZON',
        `AT_TIMESTAMP ${seconds} in ${shownPlace(stamp!.place)}, which is after the traffic begins`,
      );
      this.warnings.push(
        issueAt(stamp!.place, 'the timestamp is after the traffic begins; TRIM_HORIZON stands in', 'warning'),
      );
      return both;
    }
    return new Set();
  }

  #filters(path: readonly string[], mapping: JoinedMapping): void {
    const criteria = mapping.settings.get('FilterCriteria');
    if (criteria === undefined || saysNothing(criteria)) return;
    const unknown = firstUnknown(criteria);
    if (unknown !== null) {
      this.#unresolved('mappings', [...path, 'FilterCriteria'], criteria);
      return;
    }
    const patterns = patternsOf(mapping);
    if (patterns.length === 0) return;
    this.text.open([...path, 'FilterCriteria'], null, criteria);
    this.text.open([...path, 'FilterCriteria', 'Filters']);
    patterns.forEach((pattern, index) => {
      this.text.raw(`        - Pattern: ${flow(textOf(pattern) ?? '')}`, provenance(pattern));
      this.text.come([...path, 'FilterCriteria', 'Filters', index], pattern);
    });
  }

  #settings(section: Section, path: readonly string[], thing: Joined, keys: readonly string[]): void {
    for (const key of keys) {
      const tree = thing.settings.get(key);
      if (tree === undefined || saysNothing(tree)) continue;
      const value = settingValue(key, tree);
      if (value === undefined) this.#unresolved(section, [...path, key], tree);
      else this.text.put([...path, key], value, provenance(tree), tree);
    }
  }

  #unresolved(section: Section, path: readonly string[], tree: Tree): void {
    const key = path.at(-1)!;
    const { why } = firstUnknown(tree)!;
    const standard = standardOf(section, key);
    const then = standard === undefined ? 'it is left out' : `AWS's default holds, ${shownValue(standard)}`;
    this.text.say(path.length - 1, `${MARK} ${key}: not known (${shownPlace(tree.place)}): ${why}; ${then}`);
    this.warnings.push(issueAt(tree.place, `${key} is not known: ${why}; ${then}`, 'warning'));
  }

  #begin(path: readonly string[], thing: Joined): void {
    const { place, remarks } = thing;
    this.text.open(path, place === null ? null : shownPlace(place), place === null ? null : originOf(place));
    for (const remark of remarks) this.text.say(path.length, remark);
  }

  #tail(): void {
    const { text } = this;
    text.blank();
    text.say(0, 'thresholds: # any one not met: exit status 99');
    text.say(0, "  IteratorAge: ['max < 60s']");
    text.say(0, "  records.lost: ['count == 0']");
  }

  #standIn(place: Place | null, message: string): void {
    const at = place ?? { source: this.#sources[0]!, line: 1, column: 1, path: [] };
    this.warnings.push(issueAt(at, message, 'warning'));
  }
}

/** Of the traffic; else of the latest timestamp that a mapping begins at, which has to lie in the past. */
function startOf({ streams, mappings }: Join): { readonly at: number; readonly why: string } | null {
  const traffic = trafficStart(streams);
  if (traffic !== null) return { at: traffic.at, why: `the first period: ${shownPlace(traffic.from)}` };
  const stamps = mappings.flatMap(({ settings }) => settings.get('StartingPositionTimestamp') ?? []);
  const latest = Math.max(...stamps.map((stamp) => Number(settingValue('StartingPositionTimestamp', stamp))));
  if (stamps.length === 0 || !(latest >= 0 && latest < LATEST)) return null;
  return { at: Math.ceil(latest) * SECOND, why: 'StartingPositionTimestamp, which may not be in the future' };
}

const LATEST = 9e9; // Unix seconds

const ACCOUNT_LIMIT = 1_000; // L1: AWS's default
const UNRESERVED = 100; // L1

function ownConcurrency(settings: ReadonlyMap<string, Tree>): number {
  const reserved = settings.get('ReservedConcurrentExecutions');
  const provisioned = at(settings.get('ProvisionedConcurrencyConfig'), 'ProvisionedConcurrentExecutions');
  const own = reserved ?? provisioned;
  const value = own === undefined ? 0 : settingValue('ReservedConcurrentExecutions', own);
  return typeof value === 'number' && Number.isInteger(value) ? value : 0;
}

function patternsOf(mapping: JoinedMapping): Tree[] {
  const criteria = mapping.settings.get('FilterCriteria');
  if (criteria === undefined || firstUnknown(criteria) !== null) return [];
  return itemsOf(at(criteria, 'Filters')).flatMap((filter) => at(filter, 'Pattern') ?? []);
}

function saysNothing(tree: Tree): boolean {
  return (tree.kind === 'value' && tree.value === null) || (tree.kind === 'map' && tree.entries.size === 0);
}

function originOf(place: Place): Tree {
  return valueTree(null, { kind: 'value', value: null, place, via: null });
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(2))}%`;
}
