import type { Path } from './document.ts';
import type { Finding } from './finding.ts';
import { fields, isFields } from './finding.ts';

const LAWS = ['uniform', 'exponential', 'lognormal', 'weibull', 'empirical'];

/** Whether a map is one law that values can be drawn from. */
export function lawFindings(value: unknown, read: (text: string) => number | null, path: Path): Finding[] {
  if (!isFields(value)) return [];
  const given = lawsIn(value);
  if (given.length !== 1) return [{ path, message: `expected exactly one of ${LAWS.join(', ')}` }];
  const amount = (law: string, key: string) => {
    const text = fields(value[law])[key];
    return typeof text === 'string' ? read(text) : null;
  };
  const inOrder = (law: string, low: string, high: string): Finding[] => {
    const [least, most] = [amount(law, low), amount(law, high)];
    if (least === null || most === null || least <= most) return [];
    return [{ path: [...path, law, high], message: `expected at least ${low}` }];
  };
  if (amount('lognormal', 'median') === 0) {
    return [{ path: [...path, 'lognormal', 'median'], message: 'expected a value above 0' }];
  }
  return [...inOrder('uniform', 'min', 'max'), ...inOrder('lognormal', 'median', 'p99')];
}

export function lawsIn(value: Readonly<Record<string, unknown>>): string[] {
  return LAWS.filter((law) => value[law] !== undefined);
}
