import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { durationIn, entries, fields, list, unknownName, withCreated } from './finding.ts';
import { concurrencyFindings, functionFindings } from './function-findings.ts';
import { mappingFindings } from './mapping-findings.ts';
import { durationOf } from './quantity.ts';
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
    for (const [index, expression] of list(expressions).entries()) {
      if (typeof expression !== 'string') continue;
      const condition = readExpression(expression, read);
      if (typeof condition === 'string') found.push({ path: [...path, index], message: condition });
    }
    return found;
  });
}
