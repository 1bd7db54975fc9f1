import { stringify } from 'yaml';
import type { Outcome, TraceEvent } from '../index.ts';
import type { ScenarioDocument } from './scenarios.ts';

/** A record as a handler was given it. */
export interface DeliveredRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
}

/** One invocation of the handler, or one that a fault failed before it. In order of their ends. */
export interface Delivery {
  readonly mapping: string;
  readonly shardId: string;
  readonly lane: number;
  /** Virtual time, in milliseconds since the start of the run. */
  readonly startMs: number;
  readonly endMs: number;
  /** 1 for the first of a batch, or of a piece of one. */
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly records: readonly DeliveredRecord[];
  /** Those that Lambda takes for done (E5): all of a success, of a partial failure those before the first that failed. */
  readonly acknowledged: readonly DeliveredRecord[];
}

export function deliveriesOf(trace: readonly TraceEvent[]): Delivery[] {
  return trace.flatMap((event, place) => {
    if (event.type !== 'invocation') return [];
    const { mapping, shardId, lane, start, end, attempt, outcome } = event;
    const records = (event.records ?? []).map(({ sequenceNumber, partitionKey }) => ({ sequenceNumber, partitionKey }));
    const acknowledged = records.slice(0, outcome === 'success' ? records.length : doneBy(event, trace[place + 1]));
    const times = { startMs: start / 1_000, endMs: end / 1_000 };
    return [{ ...{ mapping, shardId, lane, ...times, attempt, outcome }, records, acknowledged }];
  });
}

/** E5: the records before the checkpoint, as the trace says right after the invocation. */
function doneBy(
  { mapping, shardId, lane, outcome }: Extract<TraceEvent, { type: 'invocation' }>,
  next: TraceEvent | undefined,
): number {
  const isSplit = next?.type === 'split' && next.by === 'itemFailures';
  if (outcome !== 'partialFailure' || !isSplit) return 0;
  return next.mapping === mapping && next.shardId === shardId && next.lane === lane ? next.lower : 0;
}

/** What is known of a check that failed, its counterexample shrunk. */
export interface Failure {
  readonly reason: string;
  readonly document: ScenarioDocument;
  readonly trace: readonly TraceEvent[];
  /** Calls of the injected stores that failed, from 1 since the last invocation began. */
  readonly failingCalls: readonly number[];
  /** What the handler threw. */
  readonly thrown: readonly string[];
  /** Options beside the seed and the path. */
  readonly given: readonly string[];
  readonly seed: number;
  readonly path: string;
  readonly runs: number;
}

/** A handler does not keep what it should; its message is the report of it. */
export class CounterexampleError extends Error {
  override readonly name = 'CounterexampleError';
  readonly seed: number;
  readonly path: string;
  /** A file that `shardclock run` takes. */
  readonly scenario: string;
  readonly deliveries: readonly Delivery[];

  constructor(failure: Failure, cause: unknown) {
    const scenario = stringify(failure.document, { lineWidth: 0, flowCollectionPadding: false });
    super(report(failure, scenario), { cause });
    this.seed = failure.seed;
    this.path = failure.path;
    this.scenario = scenario;
    this.deliveries = deliveriesOf(failure.trace);
  }
}

function report(failure: Failure, scenario: string): string {
  const { reason, trace, failingCalls, thrown, given, seed, path, runs } = failure;
  const calls = failingCalls.map((call) => `call ${call}`).join(' and ');
  const stores = calls === '' ? [] : [`Of the stores, ${calls} after an invocation had begun failed once.`, ''];
  const again = [...given, `seed: ${seed}`, `path: '${path}'`].join(', ');
  return [
    `${reason}`,
    '',
    'What was delivered, in the order of the ends:',
    ...table(trace).map((line) => `  ${line}`),
    '',
    ...stores,
    ...(thrown.length === 0 ? [] : ['The handler threw:', ...thrown.map((message) => `  ${message}`), '']),
    `Found at run ${runs}, then shrunk. The same again: checkHandler(makeHandler, { ${again} })`,
    'As a scenario, to which `handler: FILE` of function f adds your code:',
    '',
    ...scenario.trimEnd().split('\n'),
  ].join('\n');
}

/** Records by their partition key and their index in the shard: a#0. */
function table(trace: readonly TraceEvent[]): string[] {
  const rows = trace.flatMap((event) => {
    if (event.type !== 'invocation') return [];
    const records = (event.records ?? []).map(({ partitionKey, index }) => `${partitionKey}#${index}`);
    return [
      [
        `${(event.start / 1e6).toFixed(3)} s`,
        `shard ${Number(event.shardId.slice(-12))} lane ${event.lane}`,
        `attempt ${event.attempt}`,
        event.outcome,
        records.join(' '),
      ],
    ];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
