import type { Recording } from '../../src/recording/recording.ts';
import type { TraceEvent } from '../../src/recording/trace.ts';
import { summarise } from '../../src/report/summarise.ts';
import type { MappingSummary, Summary } from '../../src/report/summary.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { Handlers } from '../../src/sim/handlers.ts';
import type { SimulateOptions } from '../../src/sim/simulate.ts';
import { simulateSync } from '../../src/sim/simulate.ts';

/** A scenario document, or a part of one. */
export interface ScenarioPart {
  readonly [key: string]: unknown;
}

/**
 * A small healthy scenario: stream `s` with one shard, producer `p` without a source, function `f` that takes 100 ms,
 * mapping `m` between them that asks at every whole second.
 */
const HEALTHY: ScenarioPart = {
  shardclock: 1,
  name: 'healthy',
  duration: '10s',
  polling: { phase: 'aligned' },
  streams: { s: { ShardCount: 1 } },
  producers: { p: { stream: 's' } },
  functions: { f: { duration: '100ms' } },
  mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
};

export interface SmallRun {
  readonly scenario: Scenario;
  readonly recording: Recording;
  readonly summary: Summary;
  readonly trace: readonly TraceEvent[];
  /** The result of mapping `m`. */
  readonly m: MappingSummary;
}

/** The scenario of a whole text, or of what differs from the healthy one: maps are merged, all else is replaced. */
export function parse(scenario: string | ScenarioPart, files: Readonly<Record<string, string>> = {}): Scenario {
  const text = typeof scenario === 'string' ? scenario : JSON.stringify(merged(HEALTHY, scenario));
  const parsed = parseScenario(text, {
    readFile: (name) => {
      if (files[name] === undefined) throw new Error(`no file ${name} here`);
      return new TextEncoder().encode(files[name]);
    },
  });
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return parsed.scenario;
}

/** The same, its trace listing the records of each invocation, for laws that look at them. */
export function runWithRecords(scenario: ScenarioPart): SmallRun {
  return run(scenario, {}, {}, { traceRecords: true });
}

/** Runs it, with the files it names and its handlers; every lane's balance asserted at every event (E9). */
export function run(
  scenario: string | ScenarioPart,
  files: Readonly<Record<string, string>> = {},
  handlers: Handlers = {},
  options: SimulateOptions = {},
): SmallRun {
  const parsed = parse(scenario, files);
  const trace: TraceEvent[] = [];
  const recording = simulateSync(parsed, { handlers, trace: (event) => trace.push(event), debug: true, ...options });
  const summary = summarise(recording);
  return { scenario: parsed, recording, summary, trace, m: summary.mappings.m! };
}

/** The events of one type in a trace, of mapping `m` or of another; but those of final invocations, which have no records. */
export function eventsOf<Type extends TraceEvent['type']>(
  { trace }: Pick<SmallRun, 'trace'>,
  type: Type,
  mapping = 'm',
): Exclude<Extract<TraceEvent, { type: Type }>, { first: null }>[] {
  return trace.filter(
    (event): event is Exclude<Extract<TraceEvent, { type: Type }>, { first: null }> =>
      event.type === type && event.mapping === mapping && !('first' in event && event.first === null),
  );
}

/** The final invocations of tumbling windows (P11). */
export function finalsOf({ trace }: Pick<SmallRun, 'trace'>, mapping = 'm') {
  return trace.filter(
    (event): event is Extract<TraceEvent, { type: 'invocation'; first: null }> =>
      event.type === 'invocation' && event.mapping === mapping && event.first === null,
  );
}

/** Every invocation of records of a mapping as [start, end, first record, last record], in order of their ends. */
export function timeLine(of: Pick<SmallRun, 'trace'>, mapping = 'm'): [number, number, number, number][] {
  return eventsOf(of, 'invocation', mapping).map(({ start, end, first, last }) => [start, end, first, last]);
}

/** When a mapping asked for records. */
export function askTimes(of: Pick<SmallRun, 'trace'>, mapping = 'm'): number[] {
  return eventsOf(of, 'poll', mapping).map(({ t }) => t);
}

/** One statistic of one metric of the result's series, over time. */
export function seriesOf(
  { summary }: Pick<SmallRun, 'summary'>,
  metric: string,
  statistic: string,
  namespace?: string,
): readonly (number | null)[] {
  const found = summary.series.metrics.find(
    ({ MetricName, Namespace, Statistics }) =>
      MetricName === metric && (namespace ?? Namespace) === Namespace && Statistics[statistic] !== undefined,
  );
  if (found === undefined) throw new Error(`no ${statistic} of ${metric}`);
  return found.Statistics[statistic]!;
}

/** `count` records written out, `every` microseconds from `from` on. */
export function recordsEvery(every: number, from: number, count: number): { at: string }[] {
  return Array.from({ length: count }, (_, i) => ({ at: `${from + i * every}us` }));
}

function merged(base: ScenarioPart, part: ScenarioPart): ScenarioPart {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(part)) {
    const before = base[key];
    result[key] = isPart(before) && isPart(value) ? merged(before, value) : value;
  }
  return result;
}

function isPart(value: unknown): value is ScenarioPart {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
