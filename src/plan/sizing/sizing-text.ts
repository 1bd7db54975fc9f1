import { escaped, table as markdownTable } from '../../report/markdown.ts';
import { readableJson } from '../../report/summary-json.ts';
import type { Line } from '../../report/text-layout.ts';
import { layOutText, line, table } from '../../report/text-layout.ts';
import type { Sizing } from './sizing.ts';
import { type Section, sizingSections } from './sizing-words.ts';

export interface SizingTextOptions {
  /** Columns, at least 40; default 80. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
}

const NARROWEST = 40;
const DEFAULT_WIDTH = 80;

/** A plan as a terminal shows it: at most `width` columns, each line ended. */
export function sizingText(sizing: Sizing, options: SizingTextOptions = {}): string {
  const width = Math.max(NARROWEST, Math.floor(options.width ?? DEFAULT_WIDTH));
  const head = line(sizing.scenario.name, { tone: 'heading', hang: 0 });
  const sections = sizingSections(sizing).map((section) => linesOf(section, width));
  const lines = sections.flatMap((section, index) => (index === 0 ? [head, ...section] : [line(''), ...section]));
  return layOutText(lines, { width, color: options.color ?? false });
}

function linesOf({ title, sentences, header, rows }: Section, width: number): Line[] {
  const columns = header.map((name) => (name === 'a month' ? { align: 'right' as const } : {}));
  const [top, ...below] = rows.length === 0 ? [] : table([header, ...rows], { columns, width });
  return [
    ...(title === null || sentences.length + rows.length === 0 ? [] : [line(title, { tone: 'heading' })]),
    ...sentences.map(({ text, tone }) =>
      line(title === null ? text : `  ${text}`, { tone, hang: title === null ? 2 : 4 }),
    ),
    ...(top === undefined || top.trim() === '' ? [] : [line(top, { tone: 'quiet' })]),
    ...below.map((row) => line(row, { hang: 6 })),
  ];
}

/** The same in Markdown. */
export function sizingMarkdown(sizing: Sizing): string {
  const sections = sizingSections(sizing).map(({ title, sentences, header, rows }) => [
    ...(title === null ? [] : [`## ${title}`, '']),
    ...sentences
      .map(({ text }) => (title === null ? escaped(text) : `- ${escaped(text)}`))
      .flatMap((text) => (title === null ? [text, ''] : [text])),
    ...markdownTable(
      header.map((name) => (name === 'a month' ? `>${name}` : name)),
      rows,
    ),
  ]);
  const lines = [`# ${escaped(sizing.scenario.name)}`, ...sections.flatMap((section) => ['', ...section])];
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

/** As a file, indented so that two of them can be compared line by line. */
export function sizingJson(sizing: Sizing): string {
  return readableJson(sizing);
}
