import { stringify } from 'yaml';
import type { TraceEvent } from '../index.ts';
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
  readonly outcome: string;
  readonly records: readonly DeliveredRecord[];
}

export function deliveriesOf(trace: readonly TraceEvent[]): Delivery[] {
  return trace.flatMap((event) => {
    if (event.type !== 'invocation') return [];
    const { mapping, shardId, lane, start, end, attempt, outcome, records = [] } = event;
    return [
      {
        ...{ mapping, shardId, lane, startMs: start / 1_000, endMs: end / 1_000, attempt, outcome },
        records: records.map(({ sequenceNumber, partitionKey }) => ({ sequenceNumber, partitionKey })),
      },
    ];
  });
}

/** What is known of a check that failed, its counterexample shrunk. */
export interface Failure {
  readonly reason: string;
  readonly document: ScenarioDocument;
  readonly trace: readonly TraceEvent[];
  /** Calls of the injected stores that failed, from 1 since the last invocation began. */
  readonly failingCalls: readonly number[];
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

function report({ reason, trace, failingCalls, seed, path, runs }: Failure, scenario: string): string {
  const calls = failingCalls.map((call) => `call ${call}`).join(' and ');
  const stores = calls === '' ? [] : [`Of the stores, ${calls} after an invocation had begun failed once.`, ''];
  return [
    `${reason}`,
    '',
    'What was delivered, in the order of the ends:',
    ...table(trace).map((line) => `  ${line}`),
    '',
    ...stores,
    `Found at run ${runs}, then shrunk. The same again: checkHandler(makeHandler, { seed: ${seed}, path: '${path}' })`,
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
