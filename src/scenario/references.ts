import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { durationIn, entries, fields, list, thing, unknownName, withCreated } from './finding.ts';
import { concurrencyFindings, functionFindings } from './function-findings.ts';
import { mappingFindings } from './mapping-findings.ts';
import { durationOf } from './quantity.ts';
import type { Threshold } from './scenario.ts';
import { streamChangeFindings } from './stream-changes.ts';
import { readExpression, readMetric } from './threshold.ts';
import { timelineFindings } from './timeline-findings.ts';
import { producerFindings, streamFindings } from './traffic-findings.ts';
import { wallTimeOf } from './wall-time.ts';

/**
 * Whether the parts of a scenario fit together. It looks at the data as written, so that it can be run beside the check
 * of the form and all problems come at once; what is not of the expected form it passes over.
 */
export function findings(raw: unknown): Finding[] {
  const root = fields(raw);
  const known = withCreated(root);
  return [
    ...nameFindings(root),
    ...timeFindings(root),
    ...entries(root, 'streams').flatMap(([name, stream]) => streamFindings(name, stream)),
    ...entries(root, 'producers').flatMap(([name, producer]) => producerFindings(name, producer, root)),
    ...concurrencyFindings(root),
    ...entries(root, 'functions').flatMap(([name, target]) => functionFindings(name, target, known)),
    ...mappingFindings(root),
    ...timelineFindings(root),
    ...streamChangeFindings(root),
    ...thresholdFindings(known),
  ];
}

/** Of all names this one alone is no key of plain data: what stands under it would go unread. */
function nameFindings(root: Fields): Finding[] {
  return ['streams', 'producers', 'functions', 'mappings', 'thresholds']
    .filter((section) => Object.hasOwn(fields(root[section]), '__proto__'))
    .map((section) => ({ path: [section, '__proto__'], message: 'expected another name', atKey: true }));
}

const LEAST_PERIOD = 1_000; // a millisecond

function timeFindings(root: Fields): Finding[] {
  const found: Finding[] = [];
  const duration = durationIn(root, 'duration');
  const warmup = durationIn(root, 'warmup') ?? 0;
  const polling = fields(root.polling);
  if (duration !== null && duration < 1) found.push({ path: ['duration'], message: 'expected a duration above 0s' });
  else if (duration !== null && warmup >= duration) {
    found.push({ path: ['warmup'], message: 'the warm-up must end before the run; expected less than duration' });
  }
  found.push(...periodFindings(root.period, ['period']), ...periodFindings(polling.period, ['polling', 'period']));
  if (typeof root.start === 'string' && wallTimeOf(root.start) === null) {
    found.push({ path: ['start'], message: 'expected a time in ISO 8601 that exists, such as 2026-01-05T09:00:00Z' });
  }
  return found;
}

function periodFindings(value: unknown, path: Path): Finding[] {
  const period = typeof value === 'string' ? durationOf(value) : null;
  if (period === null || (period >= LEAST_PERIOD && Number.isInteger(period))) return [];
  return [{ path, message: 'expected a period of at least 1ms' }];
}

function thresholdFindings(root: Fields): Finding[] {
  return Object.entries(fields(root.thresholds)).flatMap(([metric, expressions]): Finding[] => {
    const path = ['thresholds', metric];
    const read = readMetric(metric);
    if (typeof read === 'string') return [{ path, message: read, atKey: true }];
    const { selector } = read;
    const found: Finding[] = selector === null ? [] : unknownName(root, `${selector.by}s`, selector.value, path);
    for (const [i, finding] of found.entries()) found[i] = { ...finding, atKey: true };
    const conditions = list(expressions).map((expression) =>
      typeof expression === 'string' ? readExpression(expression, read) : null,
    );
    for (const [index, condition] of conditions.entries()) {
      if (typeof condition === 'string') found.push({ path: [...path, index], message: condition });
    }
    const wantsSamples = conditions.some(
      (one) => one !== null && typeof one !== 'string' && one.statistic.kind !== 'count',
    );
    if (read.name === 'recovery' && found.length === 0 && wantsSamples) {
      found.push(...recoveryFindings(root, selector, path));
    }
    return found;
  });
}

/** M7, D5: there is nothing to recover from where no fault window ends while the run is measured. */
function recoveryFindings(root: Fields, selector: Threshold['selector'], path: Path): Finding[] {
  const isMeant = (name: string, mapping: Fields) => {
    switch (selector?.by) {
      case 'mapping':
        return name === selector.value;
      case 'function':
        return mapping.function === selector.value;
      case 'stream':
        return mapping.stream === selector.value || String(mapping.consumer).startsWith(`${selector.value}/`);
      default:
        return true;
    }
  };
  const meant = entries(root, 'mappings').filter(([name, mapping]) => isMeant(name, mapping));
  const targets = [...new Set(meant.map(([, mapping]) => mapping.function))];
  const warmup = durationIn(root, 'warmup') ?? 0;
  const end = (durationIn(root, 'duration') ?? Number.POSITIVE_INFINITY) + (durationIn(root, 'drain') ?? 0);
  const hasEnd = targets.some((target) =>
    list(thing(root, 'functions', target).faults).some((fault) => {
      const to = durationIn(fields(fault), 'to') ?? durationIn(fields(fault), 'until');
      return to !== null && to >= warmup && to < end;
    }),
  );
  if (hasEnd || targets.length === 0) return [];
  const message =
    'no fault window (from, to) ends in the measured time, so there is nothing to recover from, and this is never met; caughtUp says when a mapping was caught up for good, whatever it was behind for';
  return [{ path, message, severity: 'warning', atKey: true }];
}
