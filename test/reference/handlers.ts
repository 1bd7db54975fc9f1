import type { Duration, Instant } from '../../src/kernel/time.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { Handler } from '../../src/sim/lambda/handler.ts';
import { eventOf, sequenceNumberOf, shardIdOf } from './event.ts';
import type { PutRecord } from './shards.ts';

export type PlainHandlers = Readonly<Record<string, Handler>>;

/** What a handler made of a batch (L7). */
export interface OwnAnswer {
  readonly threw: boolean;
  /** The records that it names as failed, as far as they are in the batch. */
  readonly named: ReadonlySet<PutRecord>;
  /** E6: it names something that is no record of the batch. */
  readonly isMalformed: boolean;
  /** Null: it reports none. */
  readonly duration: Duration | null;
}

/** Asks a handler that keeps nothing and answers at once. */
export function ask(
  handler: Handler,
  scenario: Scenario,
  invocation: {
    readonly stream: string;
    readonly mapping: string;
    readonly function: string;
    readonly shard: number;
    readonly lane: number;
    readonly records: readonly PutRecord[];
    readonly at: Instant;
  },
): OwnAnswer {
  const { stream, mapping, function: target, shard, lane, records, at } = invocation;
  let duration: Duration | null = null;
  const context = {
    shardclock: {
      mapping,
      shardId: shardIdOf(shard),
      lane,
      now: Math.floor((scenario.start + at) / 1_000),
      duration: (milliseconds: number) => {
        duration = Math.round(milliseconds * 1_000);
      },
    },
  };
  const none = { named: new Set<PutRecord>(), isMalformed: false };
  let answer: unknown;
  try {
    answer = handler(eventOf(scenario, stream, target, records), context as never);
  } catch {
    return { ...none, threw: true, duration };
  }
  const items =
    (answer as { batchItemFailures?: { itemIdentifier?: string }[] | null } | null)?.batchItemFailures ?? [];
  const places = items.map(({ itemIdentifier }) =>
    records.find((record) => sequenceNumberOf(scenario, record) === itemIdentifier),
  );
  return {
    threw: false,
    named: new Set(places.filter((record) => record !== undefined)),
    isMalformed: places.includes(undefined),
    duration,
  };
}

/**
 * Handlers for some functions of a scenario, by its seed: each answers by what is in the event and by the virtual time
 * alone, so that it may be asked by both models.
 */
export function handlersFor(scenario: Scenario): PlainHandlers {
  const seed = Number(scenario.seed);
  // Of a tumbling window the reference model knows the state of its own function alone.
  const hasWindows = (name: string) =>
    scenario.mappings.some((mapping) => {
      const updates = scenario.timeline.filter((entry) => entry.kind === 'update' && entry.mapping === mapping.name);
      const lengths = updates.map((entry) => (entry.kind === 'update' ? entry.changes.tumblingWindow : 0));
      return mapping.function === name && [mapping.tumblingWindow, ...lengths].some((length) => (length ?? 0) > 0);
    });
  // D6: what takes no time and is tried again at once would never let the clock go on.
  const retriesAtOnce = (name: string) =>
    scenario.mappings.some(({ function: target, retryBackoff }) => target === name && retryBackoff === null);
  const takesNoTime = ({ duration: { base } }: Scenario['functions'][number]) =>
    base.kind === 'constant' && base.value === 0;
  const chosen = scenario.functions.filter(
    (one, place) =>
      seed % 3 > 0 &&
      (seed >> (place + 2)) % 2 === 0 &&
      !hasWindows(one.name) &&
      !(takesNoTime(one) && retriesAtOnce(one.name)),
  );
  return Object.fromEntries(chosen.map(({ name }, place) => [name, handlerOf((seed >> 4) + place)]));
}

function handlerOf(seed: number): Handler {
  const oneIn = [3, 10, 25][seed % 3]!;
  const recovers = seed % 5 < 3;
  const empty = [undefined, null, '', {}, { batchItemFailures: [] }, { batchItemFailures: null }][seed % 6];
  return ({ Records }, { shardclock }) => {
    const content = (place: number) => {
      const { data, partitionKey, sequenceNumber } = Records[place]!.kinesis;
      return hash(`${data.slice(0, 64)} ${data.length} ${partitionKey} ${sequenceNumber}`);
    };
    const all = Records.map((_, place) => content(place));
    const whole = all.reduce((sum, one) => (sum * 31 + one) >>> 0, Math.floor(shardclock.now / 1_000));
    if (whole % 4 === 0) shardclock.duration((whole % 1_000) + 0.25 * Records.length);
    if (whole % 37 === 0) shardclock.duration(5_000);
    if (recovers && shardclock.now % 20_000 > 12_000) return empty;
    if (whole % 11 === 0) throw new Error('no');
    const failed = Records.filter((_, place) => all[place]! % oneIn === 0);
    if (failed.length === 0) return empty;
    const items = failed.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber }));
    if ((whole >> 3) % 3 === 0) items.push({ itemIdentifier: whole % 2 === 0 ? '' : '12345' });
    return { batchItemFailures: whole % 3 === 0 ? [...items, items[0]!].reverse() : items };
  };
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619);
  return (value ^ (value >>> 15)) >>> 0;
}
