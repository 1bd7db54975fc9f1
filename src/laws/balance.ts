import { MILLISECOND } from '../kernel/time.ts';
import type { ShardTotals } from '../recording/recording.ts';
import { byMapping, law } from './law.ts';
import { ofInvocations, walkingLaw } from './walking-law.ts';

export const conservation = law(
  'Arrived = succeeded + filtered + discarded + expired + pending, for every lane, and nothing is negative (E9)',
  ({ recording }) => [
    ...recording.mappings.flatMap(({ settings, lanes }) =>
      lanes.flatMap(({ shard, balance }) => {
        const sum = balance.succeeded + balance.filtered + balance.discarded + balance.expired + balance.pending;
        const isWhole = [balance.arrived, balance.succeeded, balance.discarded, balance.expired, balance.pending].every(
          (count) => Number.isInteger(count) && count >= 0,
        );
        return sum === balance.arrived && isWhole
          ? []
          : [`${settings.name} shard ${shard}: ${balance.arrived} arrived, but ${sum} are accounted for (E9)`];
      }),
    ),
    ...recording.streams.flatMap(({ settings, shards }) => {
      const sum = (pick: (total: ShardTotals) => number) => shards.reduce((all, { total }) => all + pick(total), 0);
      const [offered, put, lost] = [sum((one) => one.offered), sum((one) => one.records), sum((one) => one.lost)];
      return put + lost <= offered ? [] : [`${settings.name}: ${put} put and ${lost} lost of ${offered} offered (K3)`];
    }),
  ],
);

export const backlogWithinItsMaximum = law(
  'The highest backlog is at least its mean and what is left at the end, but for the thousandth it may be off (M7)',
  ({ recording }) =>
    recording.mappings.flatMap(({ settings, backlogArea, backlogMaximum, backlogEnd }) => {
      const mean = backlogArea / Math.max(1, recording.end - recording.measuredFrom);
      const least = Math.max(mean, backlogEnd) * 0.998;
      return backlogMaximum >= least && mean >= -1e-6
        ? []
        : [`${settings.name}: backlog of mean ${mean}, end ${backlogEnd}, maximum ${backlogMaximum} (M7)`];
    }),
);

export const countsAgree = walkingLaw('The counts of the result are those of the trace (M2)', (run) => {
  const { measuredFrom, mappings } = run.recording;
  const counts = byMapping(run, () => ({ invocations: 0, throttles: 0 }));
  return {
    event: (event, { mapping: { settings } }) => {
      if (event.type === 'invocation' && event.start >= measuredFrom) counts.get(settings.name)!.invocations++;
      if (event.type === 'throttle' && event.t >= measuredFrom) counts.get(settings.name)!.throttles++;
    },
    breaches: () =>
      mappings.flatMap((counted) => {
        const { name } = counted.settings;
        const { invocations, throttles } = counts.get(name)!;
        return invocations === counted.invocations && throttles === counted.throttles
          ? []
          : [
              `${name}: ${invocations} invocations and ${throttles} throttles in the trace, ${counted.invocations} and ${counted.throttles} counted (M2)`,
            ];
      }),
  };
});

export const ageAddsUp = law('Where the age came from adds up to the time in the system (M4)', ({ recording }) =>
  recording.mappings.flatMap(({ settings, records }) => {
    const sum = records.breakdown.reduce((total, part) => total + part, 0);
    const whole = records.timeInSystem.sum;
    return Math.abs(sum - whole) <= 1e-9 * Math.max(1, whole) ? [] : [`${settings.name}: ${sum} is not ${whole} (M4)`];
  }),
);

export const iteratorAgeCoversDuration = walkingLaw(
  'IteratorAge, taken when the invocation has finished, is at least as long as the invocation (M1)',
  () => {
    const breaches: string[] = [];
    return {
      event: ofInvocations(({ start, end, iteratorAgeMs }, { name, mapping: { settings } }) => {
        if (iteratorAgeMs === null || settings.iteratorAge === 'atInvoke') return;
        const age = Math.round(iteratorAgeMs * MILLISECOND);
        if (age < end - start) {
          breaches.push(`${name}: ${age} µs of age after an invocation from ${start} to ${end} (M1)`);
        }
      }),
      breaches: () => breaches,
    };
  },
);
