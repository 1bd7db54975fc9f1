import type { Place, Tree } from './tree.ts';

/** 'template.yaml:12', or 'line 12' where there is one file only. */
export function shownPlace({ source, line }: Place): string {
  return source.label === '' ? `line ${line}` : `${source.label}:${line}`;
}

/** Where a value comes from: 'line 12, the default of IntValue'. */
export function provenance({ place, via }: Tree): string {
  return via === null ? shownPlace(place) : `${shownPlace(place)}, ${via}`;
}

export function shownValue(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const LONGEST = 120; // characters
