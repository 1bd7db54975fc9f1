import { escaped, section, table } from '../../report/markdown.ts';
import { counted, whole } from '../../report/words.ts';
import type { Comparison } from './comparison.ts';
import {
  conditionWords,
  explanation,
  metricGroups,
  pairingWords,
  partialWords,
  settingRows,
  settingsLeft,
  sideWords,
  TOO_FEW_WORDS,
  thresholdWords,
  VERDICT_WORDS,
} from './comparison-tables.ts';

/** A comparison as Markdown (with tables as GitHub has them), to be put under a pull request. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { keyLine, notes, conditions } = comparison;
  const blocks: readonly string[][] = [
    [`**${escaped(keyLine)}**`],
    [...sideWords(comparison), pairingWords(comparison)].map(
      (text) => `- ${escaped(text.replace(/^([AB]) {2}/, '$1: '))}`,
    ),
    [...partialWords(comparison), ...notes].map((text) => `**${escaped(text)}**`),
    conditions.flatMap((condition) => [
      `- ${condition.holds ? (condition.kind === 'fail' ? '✗' : '!') : '✓'} ${escaped(conditionWords(condition))}`,
      ...condition.because.map((text) => `  - ${escaped(text)}`),
    ]),
    settings(comparison),
    ...metricGroups(comparison).map(({ title, told, left }) =>
      section(escaped(title), [
        ...table(
          ['', '>A', '>B', '>B - A', '>±', '>', ''],
          told.map(({ cells: [name, a, b, difference, half, share], verdict, isUndecided }) => [
            name,
            a,
            b,
            difference,
            half.replace('± ', ''),
            share,
            isUndecided ? TOO_FEW_WORDS : VERDICT_WORDS[verdict],
          ]),
        ),
        ...(told.length > 0 && left.length > 0 ? [''] : []),
        ...left.map((text) => `- ${escaped(text)}`),
      ]),
    ),
    [[...thresholdWords(comparison), ...explanation(comparison)].map(escaped).join(' ')].filter((text) => text !== ''),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function settings(comparison: Comparison): string[] {
  const rows = settingRows(comparison);
  if (rows.length === 0) return ['No setting differs.'];
  const left = settingsLeft(comparison);
  return section(counted(rows.length + left, 'setting differs', 'settings differ'), [
    ...table(['', 'A', 'B'], rows),
    ...(left === 0 ? [] : ['', `And ${whole(left)} more.`]),
  ]);
}
