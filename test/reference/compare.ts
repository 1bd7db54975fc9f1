import type { TraceEvent } from '../../src/recording/trace.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { simulateSync } from '../../src/sim/simulate.ts';
import type { MappingMeasures } from './measures.ts';
import type { ReferenceRun } from './reference.ts';

type Recording = ReturnType<typeof simulateSync>;
type MappingTally = Recording['mappings'][number];

/** Every way in which a run of the simulator differs from the reference's, in words; nothing where they agree. */
export function differences(
  scenario: Scenario,
  reference: ReferenceRun,
  run: { recording: Recording; trace: readonly TraceEvent[] },
): string[] {
  const { recording, trace } = run;
  const found = traceDifferences(reference.trace, trace);
  const same = (what: string, expected: number, actual: number) => {
    if (expected !== actual) found.push(`${what}: ${expected} by the rules, ${actual} in the run`);
  };
  same('end', reference.end, recording.end);
  scenario.streams.forEach((stream, s) => {
    reference.streams[s]!.forEach((shard, index) => {
      const before = (times: readonly number[]) => times.filter((at) => at < reference.end).length;
      const recorded = recording.streams[s]!.shards[index];
      if (recorded === undefined) return; // it opens after the run (K6)
      const { total } = recorded;
      const records = shard.records.filter(({ arrival }) => arrival < reference.end);
      const name = `${stream.name} shard ${index}`;
      same(`${name} offered`, before(shard.offered), total.offered);
      same(`${name} put`, records.length, total.records);
      same(
        `${name} bytes put`,
        records.reduce((sum, { bytes }) => sum + bytes, 0),
        total.bytes,
      );
      same(`${name} refused`, before(shard.refused), total.refused);
      same(`${name} lost`, before(shard.lost), total.lost);
    });
  });
  reference.mappings.forEach((mapping, m) => {
    found.push(...mappingDifferences(mapping, recording.mappings[m]!, recording.end - recording.measuredFrom));
  });
  return found;
}

/**
 * Events in their order, field by field. Expiries are compared by their number in each lane: the simulator notes them when
 * a lane next looks (K5).
 */
function traceDifferences(expected: readonly TraceEvent[], actual: readonly TraceEvent[]): string[] {
  const kept = (events: readonly TraceEvent[]) => events.filter(({ type }) => type !== 'expire').map(inWords);
  const [left, right] = [kept(expected), kept(actual)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    if (left[i] !== right[i]) {
      const before = left.slice(Math.max(0, i - 3), i).join('\n  ');
      return [`event ${i}, after\n  ${before}\n  by the rules ${left[i]}\n  in the run   ${right[i]}`];
    }
  }
  return [];
}

function inWords(event: TraceEvent): string {
  return JSON.stringify(event, Object.keys(event).sort());
}

function mappingDifferences(expected: MappingMeasures, actual: MappingTally, measured: number): string[] {
  const name = expected.settings.name;
  const found: string[] = [];
  const same = (what: string, left: number, right: number) => {
    if (left !== right) found.push(`${name} ${what}: ${left} by the rules, ${right} in the run`);
  };
  const within = (what: string, left: number, right: number, tolerance: number) => {
    if (!(Math.abs(left - right) <= tolerance)) {
      found.push(`${name} ${what}: ${left} by the rules, ${right} in the run, more than ${tolerance} apart`);
    }
  };
  expected.lanes.forEach(({ balance, shard, slice }) => {
    const tally = actual.lanes.find((one) => one.shard === shard && one.lane === slice)?.balance;
    if (tally === undefined) return; // its shard opens after the run (K6), or no update has made it (P4)
    const lane = `shard ${shard} lane ${slice}`;
    same(`${lane} arrived`, balance.arrived, tally.arrived);
    same(`${lane} succeeded`, balance.succeeded, tally.succeeded);
    same(`${lane} filtered`, balance.filtered, tally.filtered);
    same(`${lane} RetryAttemptsExhausted`, balance.RetryAttemptsExhausted, tally.discardedRetryAttempts);
    same(`${lane} RecordAgeExceeded`, balance.RecordAgeExceeded, tally.discardedRecordAge);
    same(`${lane} PayloadTooLarge`, balance.PayloadTooLarge, tally.discardedPayload);
    same(`${lane} expired`, balance.expired, tally.expired);
    same(`${lane} pending`, balance.pending, tally.pending);
    same(`${lane} duplicates`, balance.duplicates, tally.duplicates);
    same(`${lane} silently lost`, balance.silentlyLost, tally.silentlyLost);
  });
  same('asks', expected.asks, actual.asks);
  same('empty asks', expected.empty, actual.empty);
  same('GetRecords calls', expected.calls, actual.getRecordsCalls);
  same('refused calls', expected.refusals, actual.refused);
  same('invocations', expected.invocations, actual.invocations);
  same('errors', expected.errors, actual.errors);
  same('throttles', expected.throttles, actual.throttles);
  same('full batches', expected.fullBatches, actual.fullBatches);
  same('deliveries', expected.deliveries, actual.deliveries);
  same('windows closed', expected.closed, actual.windows.closed);
  same('windows open at the end', expected.open, actual.windows.open);
  same('final invocations', expected.finals, actual.windows.finalInvocations);

  // M7: sums over this few records are exact, but for the rounding of long sums.
  const rounding = (sum: number) => 1e-9 * Math.abs(sum) + 1;
  const { timeInSystem, waitingTime, breakdown } = actual.records;
  const sumOf = (samples: readonly number[]) => samples.reduce((sum, sample) => sum + sample, 0);
  const timeInSystemSum = sumOf(expected.timeInSystem);
  same('records with a time in system', expected.timeInSystem.length, timeInSystem.count);
  same('records with a waiting time', expected.waitingTime.length, waitingTime.count);
  within('time in system', timeInSystemSum, timeInSystem.sum, rounding(timeInSystemSum));
  const waitingTimeSum = sumOf(expected.waitingTime);
  within('waiting time', waitingTimeSum, waitingTime.sum, rounding(waitingTimeSum));
  // K8: what waits for the 2 MB/s of a consumer waits for a delivery, and no rule says under which of two names.
  const named = { ...expected.breakdown };
  const counted = [...breakdown];
  if (expected.settings.consumer !== null) {
    named.tick += named.readLimit;
    counted[0]! += counted[3]!;
    named.readLimit = counted[3]!;
  }
  Object.entries(named).forEach(([cause, sum], place) => {
    // A sum of whole microseconds that is no whole number is estimated: the lane's history was long.
    const share = Number.isInteger(counted[place]) ? rounding(timeInSystemSum) : 1e-3 * timeInSystemSum;
    within(`age by ${cause}`, sum, counted[place]!, share);
  });
  const { area } = expected.backlog;
  within('mean backlog', area / measured, actual.backlogArea / measured, rounding(area) / measured);
  same('backlog at the end', expected.backlog.end, actual.backlogEnd);
  const { maximum } = expected.backlog; // M7: exact up to 1,000
  within('highest backlog', maximum, actual.backlogMaximum, Math.floor(maximum / 1_000));
  return found;
}
