import type { DataFiles } from './data-files.ts';
import type { JoinedFunction } from './join.ts';
import { shownPlace } from './provenance.ts';
import type { Place } from './tree.ts';

/** How long a function runs, from its REPORT lines, as the scenario writes it. */
export interface RunTimeLaw {
  readonly duration: unknown;
  readonly why: string;
  readonly coldStart: unknown;
  readonly coldStartWhy: string;
  readonly place: Place;
  readonly count: number;
  readonly failures: number;
}

/** Null where there are no REPORT lines of it. */
export function lawOf(target: JoinedFunction, files: DataFiles): RunTimeLaw | null {
  const durations = sorted(target.runTimes.flatMap(({ durations }) => durations));
  const coldStarts = sorted(target.runTimes.flatMap(({ coldStarts }) => coldStarts));
  const [first] = target.runTimes;
  if (first === undefined || durations.length === 0) return null;
  const from = target.runTimes.map(({ place }) => shownPlace(place)).join(', ');
  return {
    duration: law(durations, `${target.name}.durations.csv`, files),
    why: described(
      durations,
      `Duration of ${durations.length} REPORT ${durations.length === 1 ? 'line' : 'lines'}`,
      from,
    ),
    coldStart: coldStarts.length === 0 ? null : law(coldStarts, `${target.name}.cold-starts.csv`, files),
    coldStartWhy: described(coldStarts, `Init Duration of ${coldStarts.length} of them`, from),
    place: first.place,
    count: durations.length,
    failures: target.runTimes.reduce((sum, { failures }) => sum + failures, 0),
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
