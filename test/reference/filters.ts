import type { MappingSettings } from '../../src/scenario/scenario.ts';
import type { PutRecord } from './shards.ts';

/** P10: a record is kept that matches one of the patterns, or if there are none. */
export function isKept(record: PutRecord, { filters }: MappingSettings): boolean {
  if (filters.length === 0) return true;
  const seen = { partitionKey: record.key, data: JSON.parse(record.data ?? '""') };
  return filters.some((pattern) => matches(JSON.parse(pattern), seen));
}

/** The few forms of a pattern that generated scenarios use: equals, prefix, suffix, anything-but, exists, a numeric bound. */
function matches(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.some((rule) => obeys(rule, value));
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return Object.entries(pattern as object).every(([name, part]) => matches(part, fields[name]));
}

function obeys(rule: unknown, value: unknown): boolean {
  if (typeof rule !== 'object') return rule === value;
  const [name, operand] = Object.entries(rule as object)[0]!;
  switch (name) {
    case 'prefix':
      return typeof value === 'string' && value.startsWith(operand);
    case 'suffix':
      return typeof value === 'string' && value.endsWith(operand);
    case 'anything-but':
      return value !== undefined && !operand.includes(value);
    case 'exists':
      return (value !== undefined) === operand;
    case 'numeric':
      return operand[0] === '<' ? Number(value) < operand[1] : Number(value) >= operand[1];
    default:
      throw new Error(`the reference has no rule ${name}`);
  }
}
