import type { Summary } from './summary.ts';

/** The result as a file. */
export function summaryJson(summary: Summary): string {
  return readableJson(summary);
}

/**
 * Indented so that two of them can be compared line by line, with a list of plain values (a series) or a short map (a
 * lane's span) on one line.
 */
export function readableJson(value: object): string {
  return `${indented(value, '')}\n`;
}

const SHORT = 120; // characters

function indented(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  if (entries.length === 0) return isList ? '[]' : '{}';
  const [open, close] = isList ? '[]' : '{}';
  if (entries.every(([, part]) => typeof part !== 'object' || part === null)) {
    const line = `${open}${isList ? '' : ' '}${entries
      .map(([key, part]) => (isList ? JSON.stringify(part) : `${JSON.stringify(key)}: ${JSON.stringify(part)}`))
      .join(', ')}${isList ? '' : ' '}${close}`;
    if (isList || line.length <= SHORT) return line;
  }
  const deeper = `${indent}  `;
  const lines = entries.map(
    ([key, part]) => `${deeper}${isList ? '' : `${JSON.stringify(key)}: `}${indented(part, deeper)}`,
  );
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
