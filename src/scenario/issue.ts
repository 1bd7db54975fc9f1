/** Something that is wrong, or worth knowing, in a user's file, with its place (all of them are found at once). */
export interface Issue {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** 'mappings.m.BatchSize'; '' for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** The source line, where there is one. */
  readonly excerpt: string;
}

/** `file:line:column: error: path: message`, the line and a caret under the place; of a text without a name, `line:column: …`. */
export function formatIssue(issue: Issue): string {
  const { severity, file, line, column, path, message, excerpt } = issue;
  const place = `${file === '' ? '' : `${file}:`}${line}:${column}`;
  const head = `${place}: ${severity}: ${path === '' ? '' : `${path}: `}${message}`;
  if (excerpt.trim() === '') return head;
  const from = column > WINDOW ? column - WINDOW : 0;
  const shown = excerpt.slice(from, from + 2 * WINDOW).replaceAll('\t', ' ');
  return `${head}\n  ${shown}\n  ${' '.repeat(Math.max(0, column - 1 - from))}^`;
}

const WINDOW = 80;

/** `; did you mean 'BatchSize'?` where a candidate is near enough, else ''. All that differ by capitals alone are named. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  if (word.length > LONGEST_WORD) return '';
  let best: string[] = [];
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate.length > LONGEST_WORD) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = [candidate];
    } else if (candidate.toLowerCase() === best[0]?.toLowerCase() && !best.includes(candidate)) best.push(candidate);
  }
  return best.length === 0 ? '' : `; did you mean ${best.map((one) => `'${one}'`).join(' or ')}?`;
}

const LONGEST_WORD = 128; // the distance takes time by the product of two lengths

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      current.push(least);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}
