import { ADVANCE_RUNS, UNITS_PER_EM } from './inter-advances.ts';

export interface Font {
  /** Pixels. */
  readonly size: number;
  readonly weight: 'regular' | 'semiBold';
}

/** Width in pixels when set in Inter without kerning. A character that the bundled font lacks counts as one em. */
export function textWidth(text: string, font: Font): number {
  let units = 0;
  for (const character of text) units += advance(character.codePointAt(0)!, font.weight);
  return (units * font.size) / UNITS_PER_EM;
}

/** The text, or as much of its beginning as fits, with an ellipsis. */
export function shorten(text: string, width: number, font: Font): string {
  if (textWidth(text, font) <= width) return text;
  const characters = [...beyond(text, width, font)];
  while (characters.length > 0 && textWidth(`${characters.join('').trimEnd()}…`, font) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** The text, or its beginning and its end with an ellipsis between: names often differ only at their ends. */
export function shortenMiddle(text: string, width: number, font: Font): string {
  if (textWidth(text, font) <= width) return text;
  const characters = [...text];
  const most = 2 * [...beyond(text, width, font)].length;
  for (let kept = Math.min(characters.length - 1, most); kept > 1; kept--) {
    const end = Math.floor(kept / 2);
    const short = `${characters.slice(0, kept - end).join('')}…${characters.slice(characters.length - end).join('')}`;
    if (textWidth(short, font) <= width) return short;
  }
  return '…';
}

/** The shortest beginning that is wider: of a text however long, no more than this can fit. */
function beyond(text: string, width: number, font: Font): string {
  let units = 0;
  let length = 0;
  for (const character of text) {
    units += advance(character.codePointAt(0)!, font.weight);
    length += character.length;
    if ((units * font.size) / UNITS_PER_EM > width) break;
  }
  return text.slice(0, length);
}

/** Lines no wider than `width`, broken at spaces (inside a word only where it alone is too wide); the last is shortened. */
export function wrap(text: string, limits: { readonly width: number; readonly lines: number }, font: Font): string[] {
  const lines: string[] = [];
  let rest = text.trim().replaceAll(/\s+/g, ' ');
  while (rest.length > 0) {
    if (lines.length === limits.lines - 1) {
      lines.push(shorten(rest, limits.width, font));
      break;
    }
    const taken = firstLine(rest, limits.width, font);
    lines.push(taken.trimEnd());
    rest = rest.slice(taken.length).trimStart();
  }
  return lines;
}

function firstLine(text: string, width: number, font: Font): string {
  if (textWidth(text, font) <= width) return text;
  let atSpace = 0;
  let length = 0;
  for (const character of text) {
    if (character === ' ') atSpace = length;
    const longer = length + character.length;
    if (length > 0 && textWidth(text.slice(0, longer).trimEnd(), font) > width) break;
    length = longer;
  }
  return text.slice(0, atSpace > 0 ? atSpace : length);
}

function advance(codePoint: number, weight: Font['weight']): number {
  let low = 0;
  let high = ADVANCE_RUNS.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const run = ADVANCE_RUNS[middle]!;
    if (codePoint < run.first) high = middle - 1;
    else if (codePoint >= run.first + run.regular.length) low = middle + 1;
    else return run[weight][codePoint - run.first]!;
  }
  return UNITS_PER_EM;
}
