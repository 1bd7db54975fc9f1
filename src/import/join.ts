import type { Issue } from '../scenario/issue.ts';
import { didYouMean } from '../scenario/issue.ts';
import type { Found, FoundMapping, FoundNamed, FoundRunTimes, FoundSeries, FoundStream, Reference } from './found.ts';
import { shownPlace, shownValue } from './provenance.ts';
import { isCalled, sameName } from './same-thing.ts';
import type { Section } from './settings.ts';
import { saySame, settingValue, standardOf } from './settings.ts';
import type { Place, SourceText, Tree } from './tree.ts';
import { issueAt } from './tree.ts';

/** A stream, a function or a mapping as all files together describe it. */
export interface Joined {
  /** Unique in its section. */
  name: string;
  readonly settings: Map<string, Tree>;
  readonly remarks: string[];
  /** Null: it stands in for what no file names. */
  readonly place: Place | null;
  /** The files that say something of it. */
  readonly sources: Set<SourceText>;
}

export interface JoinedNamed extends Joined {
  readonly names: string[];
  readonly logicalIds: { readonly id: string; readonly source: SourceText }[];
  /** Why its name is not known; null where it is. */
  unknown: { readonly why: string; readonly place: Place } | null;
}

export interface JoinedStream extends JoinedNamed {
  readonly consumers: string[];
  readonly traffic: FoundSeries[];
}

export interface JoinedFunction extends JoinedNamed {
  readonly runTimes: FoundRunTimes[];
}

export interface JoinedMapping extends Joined {
  stream: JoinedStream;
  readonly consumer: string | null;
  readonly function: JoinedFunction;
  readonly isLive: boolean;
}

/** Puts together what files say of one thing; where a template differs from what is live, the live one wins. */
export class Join {
  readonly streams: JoinedStream[] = [];
  readonly functions: JoinedFunction[] = [];
  readonly mappings: JoinedMapping[] = [];
  readonly warnings: Issue[] = [];
  readonly errors: Issue[] = [];

  constructor(found: Found) {
    const inOrder = <T extends { readonly isLive: boolean }>(things: readonly T[]) => [
      ...things.filter(({ isLive }) => !isLive),
      ...things.filter(({ isLive }) => isLive),
    ];
    const unnamed = (thing: FoundNamed) => thing.names.length === 0 && thing.logicalId === null;
    for (const stream of inOrder(found.streams)) if (!unnamed(stream)) this.#addStream(stream);
    for (const target of inOrder(found.functions)) if (!unnamed(target)) this.#addFunction(target);
    for (const mapping of inOrder(found.mappings)) this.#addMapping(mapping);
    for (const stream of found.streams) if (unnamed(stream)) this.#addUnnamed(this.streams, stream, 'stream');
    for (const target of found.functions) if (unnamed(target)) this.#addUnnamed(this.functions, target, 'function');
    for (const series of found.traffic) this.#addTraffic(series);
    for (const runTimes of found.runTimes) this.#addRunTimes(runTimes);
  }

  #addStream(found: FoundStream): JoinedStream {
    const stream = this.#named(this.streams, found) ?? this.#newStream(found, null);
    this.#merge('streams', stream, found);
    for (const consumer of found.consumers) if (!stream.consumers.includes(consumer)) stream.consumers.push(consumer);
    return stream;
  }

  #addFunction(found: FoundNamed): void {
    const target = this.#named(this.functions, found) ?? this.#newFunction(found, null);
    this.#merge('functions', target, found);
  }

  #named<T extends JoinedNamed>(all: readonly T[], found: FoundNamed): T | undefined {
    const { source } = found.place;
    const isThis = (thing: T) =>
      found.names.some((name) => isCalled(thing, name, found.isLive ? null : source)) ||
      thing.logicalIds.some(({ id, source: from }) => id === found.logicalId && from === source);
    const thing = all.find(isThis);
    for (const name of found.names) if (thing !== undefined && !thing.names.includes(name)) thing.names.push(name);
    return thing;
  }

  #addMapping(found: FoundMapping): void {
    const { place, isLive } = found;
    const target =
      this.#referred(this.functions, found.function) ?? this.#newFunction(thingOf(found.function), found.function);
    const known = this.#referred(this.streams, found.stream);
    const stream =
      this.#nowKnown(found, target, known) ?? known ?? this.#newStream(thingOf(found.stream), found.stream);
    for (const thing of [stream, target]) thing.sources.add(place.source);
    const { consumer } = found;
    if (consumer !== null && !stream.consumers.includes(consumer)) stream.consumers.push(consumer);
    // Two of one template are two: AWS refuses the second, and so shall we.
    const twin = this.mappings.find(
      (one) =>
        isLive &&
        one.stream === stream &&
        one.function === target &&
        (one.consumer === null) === (consumer === null) &&
        (consumer === null || sameName(one.consumer ?? '', consumer)),
    );
    if (twin !== undefined) {
      this.#merge('mappings', twin, found);
      return;
    }
    const mapping: JoinedMapping = {
      name: '',
      ...{ settings: new Map(), remarks: [], place, sources: new Set([place.source]) },
      ...{ stream, consumer, function: target, isLive },
    };
    this.mappings.push(mapping);
    this.#merge('mappings', mapping, found);
  }

  #referred<T extends JoinedNamed>(all: readonly T[], { name, place }: Reference): T | undefined {
    const thing = all.find((one) => isCalled(one, name, place.source));
    const isNew = thing !== undefined && !thing.logicalIds.some(({ id }) => id === name) && !thing.names.includes(name);
    if (isNew) thing.names.push(name);
    return thing;
  }

  /** The stream that a template could not name, if its function has that one mapping. */
  #nowKnown(
    { isLive, stream }: FoundMapping,
    target: JoinedFunction,
    known: JoinedStream | undefined,
  ): JoinedStream | undefined {
    const own = this.mappings.filter((mapping) => mapping.function === target);
    const [mapping] = own;
    if (!isLive || own.length !== 1 || mapping === undefined || mapping.stream.unknown === null) return undefined;
    if (known === undefined) {
      mapping.stream.unknown = null;
      mapping.stream.names.unshift(stream.name);
    } else {
      this.streams.splice(this.streams.indexOf(mapping.stream), 1);
      for (const other of this.mappings.filter((one) => one.stream === mapping.stream)) other.stream = known;
    }
    return mapping.stream;
  }

  /** It can only be the one that there is. */
  #addUnnamed(all: JoinedNamed[], found: FoundNamed, what: 'stream' | 'function'): void {
    const thing = this.#onlyOne(all, found.place, what);
    if (thing !== null) this.#merge(what === 'stream' ? 'streams' : 'functions', thing, found);
  }

  #addTraffic(series: FoundSeries): void {
    const stream = this.#about(series, 'stream') as JoinedStream | null;
    stream?.traffic.push(series);
    stream?.sources.add(series.place.source);
  }

  #addRunTimes(runTimes: FoundRunTimes): void {
    const target = this.#about(runTimes, 'function') as JoinedFunction | null;
    if (target === null) return;
    target.runTimes.push(runTimes);
    const { place, settings } = runTimes;
    this.#merge('functions', target, { isLive: true, place, settings, remarks: [] });
  }

  /** Null, and said, where it is about nothing here. */
  #about({ about, place }: FoundSeries | FoundRunTimes, what: 'stream' | 'function'): JoinedNamed | null {
    const all: JoinedNamed[] = what === 'stream' ? this.streams : this.functions;
    if (about === null) return this.#onlyOne(all, place, what);
    const known = all.find((thing) => isCalled(thing, about, null));
    if (known !== undefined || this.mappings.length === 0) return known ?? this.#aboutNew(about, place, what);
    const names = all.map(anyName);
    const message = `no ${what} here is called ${about}; there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}${didYouMean(about, names)}: left out`;
    this.warnings.push(issueAt(place, message, 'warning'));
    return null;
  }

  #aboutNew(name: string, place: Place, what: 'stream' | 'function'): JoinedNamed {
    const found = { names: [name], logicalId: null, place };
    return what === 'stream' ? this.#newStream(found, null) : this.#newFunction(found, null);
  }

  /** What a file that names none is about; those that a mapping joins count before all others. */
  #onlyOne(all: JoinedNamed[], place: Place, what: 'stream' | 'function'): JoinedNamed | null {
    const read = all.filter((thing) => this.mappings.some((mapping) => mapping[what] === thing));
    const candidates = read.length > 0 ? read : all;
    if (candidates.length === 0) return this.#aboutNew(what, place, what);
    if (candidates.length === 1) return candidates[0]!;
    const names = candidates.map(anyName);
    const message = `which ${what} is this of? The file does not say, and there are ${names.join(', ')}; write NAME=${place.source.name}`;
    this.errors.push(issueAt(place, message));
    return null;
  }

  #newStream(found: Pick<FoundNamed, 'names' | 'logicalId' | 'place'>, reference: Reference | null): JoinedStream {
    const stream = { ...newThing(found, reference), consumers: [], traffic: [] };
    this.streams.push(stream);
    return stream;
  }

  #newFunction(found: Pick<FoundNamed, 'names' | 'logicalId' | 'place'>, reference: Reference | null): JoinedFunction {
    const target = { ...newThing(found, reference), runTimes: [] };
    this.functions.push(target);
    return target;
  }

  standInStream(): JoinedStream {
    return this.#standIn(this.streams, { ...nobody('stream'), consumers: [], traffic: [] });
  }

  standInFunction(): JoinedFunction {
    return this.#standIn(this.functions, { ...nobody('consumer'), runTimes: [] });
  }

  standInMapping(stream: JoinedStream, target: JoinedFunction): void {
    const { settings, remarks, place, sources } = nobody('');
    const of = { stream, consumer: null, function: target, isLive: false };
    this.#standIn(this.mappings, { name: '', settings, remarks, place, sources, ...of });
  }

  #standIn<T>(all: T[], thing: T): T {
    all.push(thing);
    return thing;
  }

  #merge(section: Section, thing: Joined, found: Pick<FoundNamed, 'isLive' | 'place' | 'settings' | 'remarks'>): void {
    const isFirst = !this.#templated.has(thing) && !this.#lived.has(thing);
    for (const [key, tree] of found.settings) {
      const before = thing.settings.get(key);
      thing.settings.set(key, tree);
      if (found.isLive && !isFirst) this.#compare({ section, key, thing, before, now: tree });
    }
    for (const remark of found.remarks) if (!thing.remarks.includes(remark)) thing.remarks.push(remark);
    thing.sources.add(found.place.source);
    if (found.settings.size > 0 || thing.place === found.place)
      (found.isLive ? this.#lived : this.#templated).add(thing);
  }

  readonly #templated = new Set<Joined>();
  readonly #lived = new Set<Joined>();

  #compare(of: { section: Section; key: string; thing: Joined; before: Tree | undefined; now: Tree }): void {
    const { section, key, thing, before, now } = of;
    const standard = standardOf(section, key);
    // A template that says nothing means AWS's default; an earlier answer that says nothing, nothing.
    if (before === undefined && (standard === undefined || !this.#templated.has(thing))) return;
    const old = before === undefined ? standard : settingValue(key, before);
    const value = settingValue(key, now);
    if (old === undefined || value === undefined || saySame(key, old, value)) return;
    const where =
      before === undefined ? 'the default of the template, which leaves it out' : `in ${shownPlace(before.place)}`;
    const message = `${key} is ${shownValue(value)} here and ${shownValue(old)} ${where}; taken: ${shownValue(value)}`;
    this.warnings.push(issueAt(now.place, message, 'warning'));
  }
}

function thingOf(reference: Reference): Pick<FoundNamed, 'names' | 'logicalId' | 'place'> {
  return { names: [reference.name], logicalId: null, place: reference.place };
}

function newThing(found: Pick<FoundNamed, 'names' | 'logicalId' | 'place'>, reference: Reference | null): JoinedNamed {
  const { names, logicalId, place } = found;
  const unknown = reference?.unknown ? { why: reference.unknown, place: reference.place } : null;
  const logicalIds = logicalId === null ? [] : [{ id: logicalId, source: place.source }];
  return {
    name: '',
    names: [...names],
    logicalIds,
    settings: new Map(),
    remarks: [],
    place,
    sources: new Set([place.source]),
    unknown,
  };
}

function anyName({ names, logicalIds }: JoinedNamed): string {
  return names[0] ?? logicalIds[0]?.id ?? '';
}

/** What stands in for what no file names. */
function nobody(name: string): JoinedNamed {
  return {
    name: '',
    names: [name],
    logicalIds: [],
    settings: new Map(),
    remarks: [],
    place: null,
    sources: new Set(),
    unknown: null,
  };
}
