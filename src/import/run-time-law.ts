import type { DataFiles } from './data-files.ts';
import type { JoinedFunction } from './join.ts';
import { timeoutOf } from './log-lines.ts';
import { shownPlace } from './provenance.ts';
import type { Place } from './tree.ts';

/** How long a function runs and how often it fails, from its REPORT lines, as the scenario writes it. */
export interface RunTimeLaw {
  /** Of those that did not run into the Timeout; if there are none, of those that did, which is the least they need. */
  readonly duration: unknown;
  readonly why: string;
  readonly coldStart: unknown;
  readonly coldStartWhy: string;
  readonly place: Place;
  /** Of all invocations. */
  readonly count: number;
  readonly errors: number;
  readonly timeouts: number;
  /** The longest Timeout that one ran into, in seconds. */
  readonly timeout: number;
}

/** Null where there are no REPORT lines of it. */
export function lawOf(target: JoinedFunction, files: DataFiles): RunTimeLaw | null {
  const durations = sorted(target.runTimes.flatMap(({ durations }) => durations));
  const coldStarts = sorted(target.runTimes.flatMap(({ coldStarts }) => coldStarts));
  const timeouts = sorted(target.runTimes.flatMap(({ timeouts }) => timeouts));
  const count = durations.length + timeouts.length;
  const [first] = target.runTimes;
  if (first === undefined || count === 0) return null;
  const from = target.runTimes.map(({ place }) => shownPlace(place)).join(', ');
  return {
    duration: law(durations.length === 0 ? timeouts : durations, `${target.name}.durations.csv`, files),
    why: described(
      durations,
      `Duration of ${durations.length} REPORT ${durations.length === 1 ? 'line' : 'lines'}`,
      from,
    ),
    coldStart: coldStarts.length === 0 ? null : law(coldStarts, `${target.name}.cold-starts.csv`, files),
    coldStartWhy: described(coldStarts, `Init Duration of ${coldStarts.length} of them`, from),
    place: first.place,
    count,
    errors: target.runTimes.reduce((sum, { errors }) => sum + errors, 0),
    timeouts: timeouts.length,
    timeout: timeoutOf((timeouts.at(-1) ?? 0) / 1_000),
  };
}

/** The values themselves beside the scenario; without a place for them, a law through their median and 99th percentile. */
function law(values: readonly number[], name: string, files: DataFiles): unknown {
  const [least, most] = [values[0]!, values.at(-1)!];
  if (least === most) return `${least}ms`;
  const file = files.add(name, ['milliseconds', ...values, ''].join('\n'));
  if (file !== null) return { empirical: file };
  if (quantile(values, 0.5) === 0) return { uniform: { min: '0ms', max: `${most}ms` } };
  return { lognormal: { median: `${quantile(values, 0.5)}ms`, p99: `${quantile(values, 0.99)}ms` } };
}

function described(values: readonly number[], what: string, from: string): string {
  if (values.length < 2) return `${what}: ${from}`;
  return `${what}, p50 ${quantile(values, 0.5)} ms, max ${values.at(-1)} ms: ${from}`;
}

/** Nearest rank. */
function quantile(values: readonly number[], share: number): number {
  return values[Math.max(0, Math.ceil(values.length * share) - 1)]!;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
