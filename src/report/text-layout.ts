import { shortNames } from './short-names.ts';

/** A line of a text, before it is broken to a width. */
export interface Line {
  readonly text: string;
  readonly tone: Tone;
  /** Columns by which its continuations are indented. */
  readonly hang: number;
}

/** How a line is coloured; what it means is in its words too. `good`, `bad` and `warning` colour its first sign. */
export type Tone = 'plain' | 'heading' | 'good' | 'bad' | 'warning' | 'quiet';

export function line(text: string, more: { readonly tone?: Tone; readonly hang?: number } = {}): Line {
  return { text, tone: more.tone ?? 'plain', hang: more.hang ?? 4 };
}

/** Lines no wider than `width` columns, each ended; with escape sequences for colour if wanted. */
export function layOutText(
  lines: readonly Line[],
  { width, color }: { readonly width: number; readonly color: boolean },
): string {
  return lines
    .flatMap(({ text, tone, hang }) =>
      wrapped(text, width, hang).map((piece, index) => (color ? coloured(piece, tone, index === 0) : piece)),
    )
    .map((piece) => `${piece}\n`)
    .join('');
}

export interface Column {
  readonly align?: 'left' | 'right';
  /** Cells may be shortened where the table would be too wide; those that differ still do. */
  readonly shrinks?: boolean;
}

/**
 * Rows with their cells under each other, two blanks apart and indented by two.
 *
 * @param columns one for each cell of a row
 */
export function table(
  rows: readonly (readonly string[])[],
  { columns, width }: { readonly columns: readonly Column[]; readonly width: number },
): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = columns.map((_, index) => Math.max(0, ...cells.map((row) => textColumns(row[index] ?? ''))));
  let excess = widths.reduce((sum, one) => sum + one + 2, 0) - width;
  for (const [index, { shrinks }] of columns.entries()) {
    if (!shrinks || excess <= 0) continue;
    const narrowed = Math.max(Math.min(widths[index]!, NARROWEST), widths[index]! - excess);
    excess -= widths[index]! - narrowed;
    widths[index] = narrowed;
  }
  const short = widths.map((one, index) =>
    shortNames(
      cells.map((row) => row[index] ?? ''),
      { width: one, measure: textColumns, shorten: shortened },
    ),
  );
  return cells.map((row) =>
    `  ${columns
      .map(({ align }, index) => {
        const cell = short[index]!.get(row[index] ?? '')!;
        const blanks = ' '.repeat(Math.max(0, widths[index]! - textColumns(cell)));
        return align === 'right' ? blanks + cell : cell + blanks;
      })
      .join('  ')}`.trimEnd(),
  );
}

const NARROWEST = 12;

/** As it is if it fits, else without its middle: names often differ at both ends. */
function shortened(text: string, width: number): string {
  if (textColumns(text) <= width) return text;
  const signs = [...text];
  const tail: string[] = [];
  const head: string[] = [];
  let left = width - 1;
  for (let taken = 0; signs.length > 0; taken++) {
    const sign = taken % 2 === 0 ? signs.shift()! : signs.pop()!;
    left -= textColumns(sign);
    if (left < 0) break;
    if (taken % 2 === 0) head.push(sign);
    else tail.unshift(sign);
  }
  return `${head.join('')}…${tail.join('')}`;
}

/** Columns of a terminal that a text takes. */
export function textColumns(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return [...text].reduce((sum, sign) => sum + signColumns(sign.codePointAt(0)!), 0);
}

/** What could steer a terminal, end a line or turn its direction is not passed on. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(CONTROLS, '\u{fffd}');
}

const PLAIN = /^[ -~]*$/;
const CONTROLS = /\p{Cc}|\p{Cs}|[\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Inclusive ranges of code points that take no column of their own, and of those that take two. */
const NO_COLUMN = [
  [0x0300, 0x036f],
  [0x0483, 0x0489],
  [0x0591, 0x05bd],
  [0x064b, 0x065f],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200f],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
] as const;
const TWO_COLUMNS = [
  [0x1100, 0x115f],
  [0x2600, 0x27bf],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f000, 0x1faff],
  [0x20000, 0x3fffd],
] as const;
const MARKS = new Set(['✓', '✗'].map((mark) => mark.codePointAt(0)));

function signColumns(code: number): number {
  const within = (ranges: readonly (readonly [number, number])[]) =>
    ranges.some(([first, last]) => code >= first && code <= last);
  if (within(NO_COLUMN)) return 0;
  return within(TWO_COLUMNS) && !MARKS.has(code) ? 2 : 1;
}

function wrapped(text: string, width: number, hang: number): string[] {
  const clean = printable(text).trimEnd();
  if (textColumns(clean) <= width) return [clean];
  const indent = ' '.repeat(Math.min(hang, Math.floor(width / 4)));
  const pieces: string[] = [];
  let piece = '';
  let isFresh = true;
  const next = () => {
    pieces.push(piece);
    piece = indent;
    isFresh = true;
  };
  for (const [, blanks = '', word = ''] of clean.matchAll(/( *)([^ ]+)/g)) {
    if (!isFresh && textColumns(piece + blanks + word) > width) next();
    // Blanks within a line keep its columns; those where it is broken go.
    if (!isFresh) piece += blanks;
    else if (pieces.length === 0 && piece === '') piece += blanks.slice(0, width - 2);
    for (const sign of textColumns(piece + word) <= width ? [word] : word) {
      if (textColumns(piece + sign) > width) next();
      piece += sign;
      isFresh = false;
    }
  }
  return [...pieces, piece];
}

function coloured(piece: string, tone: Tone, isFirst: boolean): string {
  switch (tone) {
    case 'plain':
      return piece;
    case 'heading':
      return `${BOLD}${piece}${RESET}`;
    case 'quiet':
      return `${DIM}${piece}${RESET}`;
    default:
      return isFirst ? piece.replace(/\S/u, (sign) => `${SIGN_COLOURS[tone]}${sign}${RESET}`) : piece;
  }
}

const RESET = '\u001b[0m';
const BOLD = '\u001b[1m';
const DIM = '\u001b[2m';
const SIGN_COLOURS = { good: '\u001b[32m', bad: '\u001b[31m', warning: '\u001b[33m' } as const;
