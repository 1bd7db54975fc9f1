import { mappingSeries } from '../charts/series.ts';
import { SOON } from '../phrases.ts';
import type { Cost, Finding, FindingCause } from './explanation.ts';
import { costOf, type MappingCase, oldestMs } from './mapping-case.ts';

/**
 * The findings of a mapping with its costs: what has a cause of its own (failed invocations, throttles, refused reads) with
 * the finding that tells of it, all else with the first that tells of what was late.
 */
export function withCosts(findings: readonly Finding[], of: MappingCase): Finding[] {
  const { records, errors, throttles, polls } = of.mapping;
  const { RetryAttemptsExhausted: givenUp, RecordAgeExceeded: tooOld } = records.discarded;
  const first = findings.findIndex(({ cause }) => cause !== 'silentLoss' && cause !== 'payload');
  const placeOf = (cause: FindingCause) => {
    const place = findings.findIndex((finding) => finding.cause === cause);
    return place < 0 ? first : place;
  };
  const [failed, throttled, refused] = [placeOf('functionError'), placeOf('throttle'), placeOf('readLimit')];
  return findings.map((finding, place) => ({
    ...finding,
    cost: costOf({
      ...finding.cost,
      ...(place === first ? costOfAll(finding, of) : {}),
      ...(place === failed ? { errors, duplicates: records.duplicates } : {}),
      ...(place === throttled ? { throttles } : {}),
      ...(place === refused ? { refusedReads: polls.refused } : {}),
      discarded: finding.cost.discarded + (place === failed ? givenUp : 0) + (place === first ? tooOld : 0),
    }),
  }));
}

/** What a mapping as a whole has. */
function costOfAll(finding: Finding, of: MappingCase): Partial<Cost> {
  const { mapping, summary } = of;
  const { records, recoveryMs, backlog, caughtUpAtSeconds } = mapping;
  const catchUp =
    caughtUpAtSeconds === null || finding.until === null ? 0 : 1_000 * (caughtUpAtSeconds - finding.until.seconds);
  const isLate =
    catchUp > 1_000 * SOON &&
    caughtUpAtSeconds! < summary.measured.toSeconds - SOON &&
    isOldBetween(of, finding.until!.seconds, caughtUpAtSeconds!);
  return {
    recordsHeld: Math.max(finding.cost.recordsHeld, backlog.max),
    expired: records.expired,
    pending: caughtUpAtSeconds === null ? records.pending : 0,
    oldestMs: oldestMs(of),
    // The last fault window may be one that it has not recovered from.
    recoveryMs: caughtUpAtSeconds === null ? null : (recoveryMs.max ?? (isLate ? catchUp : null)),
  };
}

/** Whether no period between two instants, in seconds, ends with fresh data: what came later was another trouble. */
function isOldBetween({ summary, name, mapping, resolved }: MappingCase, from: number, to: number): boolean {
  const { periodSeconds } = summary.series;
  // A record that meets nothing in its way waits for a tick, and for the batch before.
  const fresh = 2_000 * resolved.seconds(['polling', 'period'], 1) + (mapping.durationMs.mean ?? 0);
  const ages = mappingSeries(summary, name, 'BacklogAge', 'Maximum') ?? [];
  return ages.every((age, period) => {
    const end = (period + 1) * periodSeconds;
    return end <= from || end >= to || (age ?? 0) > fresh;
  });
}
