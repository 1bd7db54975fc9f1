import { pathText } from '../../scenario/document.ts';
import type { JsonValue } from '../../scenario/scenario.ts';
import { measuredWords } from '../phrases.ts';
import type { Summary } from '../summary.ts';
import { type Line, layOutText, line } from '../text-layout.ts';
import { allOf, capital, counted, duration, list, seconds, whole } from '../words.ts';
import { explain } from './explain.ts';
import type { Advice, Change, Explanation, Finding } from './explanation.ts';

export interface ExplanationOptions {
  /** Columns, at least 40; default 80. Only what is to be copied may be wider. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
}

const NARROWEST = 40;
const DEFAULT_WIDTH = 80;
/** Findings that are told in full; further ones are counted. */
const MOST_FINDINGS = 12;
const MOST_HEALTHY = 6;

/** `explain`, as a terminal shows it: the most important first, each line ended. */
export function explanationText(summary: Summary, options: ExplanationOptions = {}): string {
  const width = Math.max(NARROWEST, Math.floor(options.width ?? DEFAULT_WIDTH));
  const explanation = explain(summary);
  const { findings } = explanation;
  const more = findings.length - MOST_FINDINGS;
  const sections = [
    headLines(explanation),
    ...findings.slice(0, MOST_FINDINGS).map((finding) => findingLines(finding, findings)),
    ...(more > 0 ? [[line(`And ${counted(more, 'more finding')}, none of them with more to lose.`)]] : []),
    healthyLines(explanation),
  ].filter((section) => section.length > 0);
  const lines = sections.flatMap((section, index) => (index === 0 ? section : [line(''), ...section]));
  return layOutText(lines, { width, color: options.color ?? false });
}

function headLines({ name, from, to, partial, missed, thresholds }: Explanation): Line[] {
  const skipped = from.seconds === 0 ? '' : `; its first ${seconds(from.seconds)} are not counted`;
  const times = `${seconds(to.seconds)} of virtual time, to ${to.wallTime}${skipped}. Times are UTC.`;
  const met =
    thresholds === 0
      ? ''
      : thresholds === 1
        ? 'Its threshold was met.'
        : `${capital(allOf(thresholds))} thresholds were met.`;
  const misses = missed.map((one) => `${one.metric} ${one.expression} (${measuredWords(one)})`);
  const judged = missed.length === 0 ? met : `Not met: ${list(misses)}.`;
  return [
    line(name, { tone: 'heading', hang: 0 }),
    line(times, { tone: 'quiet', hang: 0 }),
    ...(partial ? [line('The run was interrupted: this is a part of it.', { tone: 'warning', hang: 0 })] : []),
    ...(judged === '' ? [] : [line(judged, { hang: 0 })]),
  ];
}

function findingLines(finding: Finding, all: readonly Finding[]): Line[] {
  const { headline, what, why, advice } = finding;
  const costs = costWords(finding);
  const before = all.slice(0, all.indexOf(finding)).find((one) => one.why === why && one.cause === finding.cause);
  return [
    line(`${ownerOf(finding)}: ${headline}`, { tone: 'heading', hang: 2 }),
    line(`  ${what}`, { hang: 2 }),
    ...(before === undefined ? [line(`  Why: ${why}`, { hang: 2 })] : []),
    ...(costs === '' ? [] : [line(`  Cost: ${costs}.`, { hang: 2 })]),
    ...(before === undefined
      ? advice.map(adviceLine)
      : [line(`  Why, and what to try: as with ${ownerOf(before)} above.`, { hang: 2 })]),
  ];
}

/** What it cost, the gravest first; empty where it cost nothing. */
function costWords({ cause, cost }: Finding): string {
  const { recordsHeld, discarded, expired, silentlyLost, lostAtWrite, duplicates, pending, oldestMs, recoveryMs } =
    cost;
  const counts: readonly (readonly [number, string])[] = [
    [discarded, 'given up'],
    [expired, 'expired'],
    [silentlyLost, 'silently lost'],
    [lostAtWrite, 'lost at write'],
  ];
  const lost = counts.filter(([count]) => count > 0).map(([count, verb]) => `${counted(count, 'record')} ${verb}`);
  return [
    ...lost,
    ...(pending > 0 ? [`${counted(pending, 'record')} still waiting at the end`] : []),
    ...(oldestMs === null || oldestMs === 0 ? [] : [`data up to ${duration(oldestMs)} old`]),
    ...(recordsHeld > pending ? [`up to ${counted(recordsHeld, 'record')} waiting`] : []),
    ...(recoveryMs === null || recoveryMs === 0 ? [] : [`caught up ${duration(recoveryMs)} after it`]),
    ...(duplicates > 0 ? [`${whole(duplicates)} delivered again after they had been processed`] : []),
    ...(cost.errors > 0 ? [counted(cost.errors, 'failed invocation')] : []),
    ...(cost.throttles > 0 ? [counted(cost.throttles, 'throttle')] : []),
    ...(cost.refusedReads > 0 && cause === 'readLimit' ? [counted(cost.refusedReads, 'refused read')] : []),
    ...(cost.refusedWrites > 0 ? [counted(cost.refusedWrites, 'refused write')] : []),
  ].join(', ');
}

function adviceLine({ changes, effect, tradeOff }: Advice): Line {
  const named = changes.length === 0 ? '' : `${list(changes.map(changeWords))}. `;
  return line(`  Try: ${named}${effect} The price: ${tradeOff}`, { hang: 7 });
}

function ownerOf({ mapping, stream }: Finding): string {
  return mapping ?? `stream ${stream}`;
}

/** 'BatchSize 500 (now 100)', with its place where it is not the mapping's own. */
function changeWords({ path, now, to }: Change): string {
  const name = path[0] === 'mappings' ? path.slice(2).join('.') : pathText(path);
  const before = now === null ? 'none' : valueWords(now);
  return to === null ? `no ${name} (now ${before})` : `${name} ${valueWords(to)} (now ${before})`;
}

function valueWords(value: JsonValue): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ').replaceAll(':', ': ');
}

function healthyLines({ healthy }: Explanation): Line[] {
  const shown = healthy.slice(0, MOST_HEALTHY);
  const left = healthy.length - shown.length;
  return [
    ...shown.map(({ mapping, words }) => line(`${mapping}: ${words}`, { hang: 2 })),
    ...(left > 0 ? [line(`And ${counted(left, 'more mapping')} to which nothing happened.`)] : []),
  ];
}
