import type { Path } from './document.ts';
import type { Finding } from './finding.ts';
import { didYouMean } from './issue.ts';

/** What a template of data holds in place of values: the index, the key, or one of several words, which it captures. */
export const PLACEHOLDER = /\$\{(?:(index)|(key)|pick:([^}]+))\}/g;

const KINDS = ['index', 'key', 'pick'];
const EXPECTED = 'expected ${index}, ${key} or ${pick:a,b}';

/** Placeholders that nothing is put in place of, so that records would hold them as they stand there. */
export function templateFindings(template: unknown, path: Path): Finding[] {
  if (typeof template === 'string') return textProblems(template).map((message) => ({ path, message }));
  if (typeof template !== 'object' || template === null) return [];
  return Object.entries(template).flatMap(([key, part]): Finding[] => {
    if (Array.isArray(template)) return templateFindings(part, [...path, Number(key)]);
    const place = [...path, key];
    const ofKey: Finding[] = key.includes('${')
      ? [{ path: place, message: 'only values are filled in; expected a key without ${', atKey: true }]
      : [];
    return [...ofKey, ...templateFindings(part, place)];
  });
}

function textProblems(text: string): string[] {
  return [...text.matchAll(/\$\{((?:(?!\$\{)[^}])*)(\}?)/g)].flatMap(([whole, word, end]) => {
    const shown = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
    if (end === '') return [`${shown} is never closed; expected a } after it`];
    if (word === 'pick:') return ['${pick:} has nothing to pick from; expected words, such as ${pick:a,b}'];
    if (whole.replaceAll(PLACEHOLDER, '') === '') return [];
    return [`unknown placeholder ${shown}; ${EXPECTED}${didYouMean(/^[^:]*/.exec(word!)![0].trim(), KINDS)}`];
  });
}

const LONGEST = 40; // characters; what is never closed may be a whole text
