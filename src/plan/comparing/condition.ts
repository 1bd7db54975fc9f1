import { alternatives, counted, whole } from '../../report/words.ts';
import type { Issue } from '../../scenario/issue.ts';
import { didYouMean } from '../../scenario/issue.ts';
import { durationOf } from '../../scenario/quantity.ts';
import { ownMetric } from '../figure-name.ts';
import { HEADLINE_NAMES } from '../headline.ts';
import type { ComparedMetric } from './compared-metric.ts';
import { isLowerBetter } from './compared-metric.ts';
import { amount, change, ownName, relativeChange } from './comparison-words.ts';

/** What must not be true of a comparison, as `--fail-on` and `--warn-on` take it. */
export interface Condition {
  /** 'fail' ends the command with 98, 'warn' says so. */
  readonly kind: 'fail' | 'warn';
  /** As written. */
  readonly expression: string;
  readonly metric: string | null;
  readonly statistic: string | null;
  readonly mapping: string | null;
  readonly test:
    | { readonly kind: 'verdict'; readonly verdict: 'better' | 'worse' | 'differs' }
    /** B's mean is further from A's than so much: a share of A's, or an amount in the metric's unit. */
    | {
        readonly kind: 'change';
        readonly direction: 'rise' | 'fall';
        readonly amount: number;
        readonly isShare: boolean;
      };
}

export interface JudgedCondition {
  readonly kind: Condition['kind'];
  readonly expression: string;
  readonly holds: boolean;
  /** A sentence part for each metric that makes it true. */
  readonly because: readonly string[];
}

export type ConditionResult =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly issue: Issue };

/**
 * `worse`, `better` or `differs`, of any metric or of one: `IteratorAge.p99 worse`; or a change: `cost.month > +10%`,
 * `IteratorAge{mapping:m}.p99 > +500ms`, `Errors < -5`. A metric without its statistic is any of its statistics, without a
 * mapping that of any mapping. `differs` is all that can be said of metrics that are neither better nor worse.
 */
export function readCondition(expression: string, kind: Condition['kind']): ConditionResult {
  const wrong = (column: number, message: string): ConditionResult => ({
    ok: false,
    issue: conditionIssue({ kind, expression }, message, column),
  });
  const any = VERDICT.exec(expression);
  if (any !== null) {
    const verdict = any[1] as 'worse';
    return {
      ok: true,
      condition: { kind, expression, metric: null, statistic: null, mapping: null, test: { kind: 'verdict', verdict } },
    };
  }
  const match = SUBJECT.exec(expression);
  if (match === null) return wrong(1, EXPECTED);
  const [, indent = '', before = '', mapping = null, after = '', tail = ''] = match;
  const start = indent.length + 1;
  // Tables have the statistic behind a blank.
  const behind = /^\s+([\w.]+)/.exec(tail);
  const isBehind = behind !== null && nameOf(`${before}${after}.${behind[1]}`) !== null;
  const written = isBehind ? `${before}${after}.${behind[1]}` : `${before}${after}`;
  const rest = isBehind ? tail.slice(behind[0].length) : tail;
  const named = nameOf(written);
  if (named === null) {
    return wrong(
      start,
      `unknown metric '${written}'${didYouMean(written, KNOWN)}; expected one of ${NAMES.join(', ')}`,
    );
  }
  const { metric, statistic, unit, isOfMapping } = named;
  if (mapping !== null && !isOfMapping)
    return wrong(start, `${metric} is of the whole run; expected it without a mapping`);
  const column = expression.length - rest.trimStart().length + 1;
  const test = readTest(rest, { metric, unit });
  if (typeof test === 'string') return wrong(column, test);
  return { ok: true, condition: { kind, expression, metric, statistic, mapping, test } };
}

/** An expression that is wrong, as any other text: the option in place of the file. */
function conditionIssue(
  { kind, expression }: Pick<Condition, 'kind' | 'expression'>,
  message: string,
  column = 1,
): Issue {
  return { severity: 'error', file: `--${kind}-on`, line: 1, column, path: '', message, excerpt: expression };
}

/**
 * What is wrong with a condition where it meets two scenarios or results; null: nothing.
 *
 * @param shared names of the mappings that both have
 * @param runs how many of each are compared
 */
export function conditionProblem(
  condition: Condition,
  { shared, runs }: { readonly shared: readonly string[]; readonly runs: number },
): Issue | null {
  const { metric, mapping, test } = condition;
  if (runs === 1 && test.kind === 'verdict') {
    return conditionIssue(
      condition,
      `one run of each tells no difference from chance; expected replications, or a change such as '${metric ?? 'IteratorAge.p99'} > +10%'`,
    );
  }
  if (mapping !== null && !shared.includes(mapping)) {
    return conditionIssue(condition, `no mapping '${mapping}' is in both${didYouMean(mapping, shared)}`);
  }
  const isOfMapping = HEADLINE_NAMES.some((one) => one.metric === metric && one.isOfMapping);
  if (isOfMapping && shared.length === 0) return conditionIssue(condition, 'no mapping is in both A and B');
  return null;
}

/**
 * Where one of the two has no samples of what it names, in half of the runs or more, it is true: a silent gate would be open.
 *
 * @param complete how many runs of each there are
 */
export function judgeCondition(
  condition: Condition,
  metrics: readonly ComparedMetric[],
  complete: number,
): JudgedCondition {
  const { kind, expression, mapping, statistic, metric: name } = condition;
  const because = metrics
    .filter(
      (metric) =>
        (name === null || ownMetric(metric) === name) &&
        (statistic === null || metric.statistic === statistic) &&
        (mapping === null || metric.mapping === mapping),
    )
    .flatMap((metric) => reason(condition, metric, complete));
  return { kind, expression, holds: because.length > 0, because };
}

function reason({ test }: Condition, metric: ComparedMetric, complete: number): string[] {
  const { a, b, onlyInA, onlyInB, difference, unit, verdict } = metric;
  const name = `${ownName(metric)}${metric.mapping === null ? '' : ` of ${metric.mapping}`}`;
  if (difference.mean !== null && holds(test, metric, complete)) {
    const by = relativeChange(metric) || change(difference.mean, unit);
    const judged = verdict === 'better' || verdict === 'worse' ? `${verdict}, ` : '';
    return [`${name}: ${judged}${by} (${amount(a.mean!, unit)} → ${amount(b.mean!, unit)})`];
  }
  const missing = Math.max(onlyInA, onlyInB);
  const isMissing = missing > 0 && 2 * missing >= complete && !(test.kind === 'verdict' && test.verdict === 'better');
  if (!isMissing) return [];
  const often = missing === complete ? '' : ` in ${whole(missing)} of ${counted(complete, 'run')}`;
  return [`${name}: no samples in ${onlyInB > onlyInA ? 'A' : 'B'}${often}`];
}

/** Of several runs a change counts where it is no chance, which one of them with samples cannot say. */
function holds(
  test: Condition['test'],
  { verdict, difference, relative, a }: ComparedMetric,
  complete: number,
): boolean {
  if (test.kind === 'verdict') {
    return test.verdict === 'differs'
      ? ['better', 'worse', 'informational'].includes(verdict)
      : verdict === test.verdict;
  }
  if (verdict === 'no difference shown' || (verdict === 'not judged' && complete > 1)) return false;
  const mean = difference.mean!;
  const rise = test.isShare ? (a.mean === 0 ? Math.sign(mean) * Number.POSITIVE_INFINITY : relative!) : mean;
  return mean !== 0 && (test.direction === 'rise' ? rise > test.amount : rise < -test.amount);
}

interface NamedMetric {
  readonly metric: string;
  readonly statistic: string | null;
  readonly unit: string;
  readonly isOfMapping: boolean;
}

function nameOf(written: string): NamedMetric | null {
  for (const { metric, statistic, unit, isOfMapping } of HEADLINE_NAMES) {
    if (written === metric) return { metric, statistic: null, unit, isOfMapping };
    if (written === `${metric}.${statistic}`) return { metric, statistic, unit, isOfMapping };
  }
  return null;
}

function readTest(
  text: string,
  { metric, unit }: { readonly metric: string; readonly unit: string },
): Condition['test'] | string {
  const verdict = VERDICT.exec(text)?.[1];
  if (verdict !== undefined) {
    if (verdict !== 'differs' && !isLowerBetter(metric))
      return `${metric} is neither better nor worse; expected 'differs', or a change such as '> +10%'`;
    return { kind: 'verdict', verdict: verdict as 'worse' };
  }
  const match = /^\s*(<=|>=|<|>)\s*([+-]?)\s*(.*?)\s*$/.exec(text);
  if (match === null) return `expected worse, better, differs, or a change such as '> +10%', got '${text.trim()}'`;
  const [, operator, sign, written = ''] = match;
  const isRise = operator === '>' && sign === '+';
  if (!isRise && !(operator === '<' && sign === '-'))
    return `expected a rise such as '> +${EXAMPLE}' or a fall such as '< -${EXAMPLE}', got '${text.trim()}'`;
  const direction = isRise ? 'rise' : 'fall';
  const share = /^(\d+(?:\.\d+)?)\s*%$/.exec(written)?.[1];
  if (share !== undefined) return { kind: 'change', direction, amount: Number(share) / 100, isShare: true };
  const absolute = amountOf(written, unit);
  if (absolute === null) {
    const expected = unit === 'Milliseconds' ? 'a duration with its unit such as 500ms' : 'a plain number such as 100';
    return `expected a share such as 10%, or ${expected}, got '${written}'`;
  }
  return { kind: 'change', direction, amount: absolute, isShare: false };
}

function amountOf(written: string, unit: string): number | null {
  if (unit !== 'Milliseconds') return /^\d+(\.\d+)?$/.test(written) ? Number(written) : null;
  const duration = durationOf(written);
  return duration === null ? null : duration / 1_000;
}

const VERDICT = /^\s*(worse|better|differs)\s*$/;
/** Indent, a name, its mapping, what of the name follows that, and the rest. */
const SUBJECT = /^(\s*)([\w.]+)(?:\{\s*mapping\s*:\s*([^\s{}]+)\s*\}([\w.]*))?(.*)$/s;
const EXAMPLE = '10%';
/** With its statistic where it has several. */
const NAMES = HEADLINE_NAMES.map(({ metric, statistic }) =>
  HEADLINE_NAMES.filter((one) => one.metric === metric).length === 1 ? metric : `${metric}.${statistic}`,
);
const KNOWN = [...NAMES, ...HEADLINE_NAMES.map(({ metric }) => metric)];
const EXPECTED = `expected ${alternatives(['worse', 'better', 'differs'])}, or a metric before it, such as 'IteratorAge.p99 worse' or 'cost.month > +10%'`;
