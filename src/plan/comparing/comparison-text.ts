import { readableJson } from '../../report/summary-json.ts';
import type { Line } from '../../report/text-layout.ts';
import { layOutText, line, table } from '../../report/text-layout.ts';
import { counted, whole } from '../../report/words.ts';
import type { Comparison } from './comparison.ts';
import type { TableRow } from './comparison-tables.ts';
import {
  conditionWords,
  explanation,
  metricGroups,
  pairingWords,
  partialWords,
  settingRows,
  settingsLeft,
  sideWords,
  thresholdWords,
  VERDICT_WORDS,
} from './comparison-tables.ts';

export interface ComparisonTextOptions {
  /** Columns, at least 40; default 80. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
}

const NARROWEST = 40;
const DEFAULT_WIDTH = 80;

/** A comparison as a terminal shows it, the key line first: at most `width` columns, each line ended. */
export function comparisonText(comparison: Comparison, options: ComparisonTextOptions = {}): string {
  const width = Math.max(NARROWEST, Math.floor(options.width ?? DEFAULT_WIDTH));
  const sections: readonly (readonly Line[])[] = [
    headline(comparison),
    conditions(comparison),
    settings(comparison, width),
    ...metricGroups(comparison).map((group) => metrics(group, width)),
    [...thresholdWords(comparison), ...explanation(comparison)].map((text) => line(text, { tone: 'quiet', hang: 2 })),
  ];
  const lines = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [line(''), ...section]));
  return layOutText(lines, { width, color: options.color ?? false });
}

/** As a file, indented so that two of them can be compared line by line. */
export function comparisonJson(comparison: Comparison): string {
  return readableJson(comparison);
}

function headline(comparison: Comparison): Line[] {
  const { keyLine, notes } = comparison;
  return [
    line(keyLine, { tone: 'heading', hang: 0 }),
    ...sideWords(comparison).map((text) => line(`  ${text}`)),
    line(`  ${pairingWords(comparison)}`, { hang: 2 }),
    ...[...partialWords(comparison), ...notes].map((text) => line(`! ${text}`, { tone: 'warning', hang: 2 })),
  ];
}

function conditions({ conditions: all }: Comparison): Line[] {
  return all.flatMap((condition) => [
    line(`  ${condition.holds ? (condition.kind === 'fail' ? '✗' : '!') : '✓'} ${conditionWords(condition)}`, {
      tone: condition.holds ? (condition.kind === 'fail' ? 'bad' : 'warning') : 'good',
    }),
    ...condition.because.map((text) => line(`    ${text}`, { hang: 6 })),
  ]);
}

function settings(comparison: Comparison, width: number): Line[] {
  const rows = settingRows(comparison);
  if (rows.length === 0) return [line('No setting differs.')];
  const [header, ...others] = table([['', 'A', 'B'], ...rows], {
    columns: [{ shrinks: true }, { shrinks: true }, { shrinks: true }],
    width,
  });
  const left = settingsLeft(comparison);
  return [
    line(counted(rows.length + left, 'setting differs', 'settings differ'), { tone: 'heading' }),
    line(header!, { tone: 'quiet' }),
    ...others.map((row) => line(row)),
    ...(left === 0 ? [] : [line(`  and ${whole(left)} more`)]),
  ];
}

function metrics(
  {
    title,
    told,
    left,
  }: { readonly title: string; readonly told: readonly TableRow[]; readonly left: readonly string[] },
  width: number,
): Line[] {
  const cells = told.map(({ cells: figures, verdict, isUndecided }) => [
    ...figures,
    // Under a heading of its own.
    verdict === 'no difference shown' ? (isUndecided ? '?' : '') : VERDICT_WORDS[verdict],
  ]);
  const [header, ...rows] = table([['', 'A', 'B', 'B - A', '', '', ''], ...cells], {
    columns: [{ shrinks: true }, RIGHT, RIGHT, RIGHT, {}, RIGHT, {}],
    width,
  });
  const firstNotShown = told.findIndex(({ verdict }) => verdict === 'no difference shown');
  return [
    line(title, { tone: 'heading' }),
    ...(told.length === 0 ? [] : [line(header!, { tone: 'quiet' })]),
    ...rows.flatMap((row, index) =>
      index === firstNotShown ? [line('  No difference shown:'), line(row)] : [line(row)],
    ),
    ...left.map((text) => line(`  ${text}`, { hang: 4 })),
  ];
}

const RIGHT = { align: 'right' } as const;
