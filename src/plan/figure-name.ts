import { alternatives } from '../report/words.ts';
import { didYouMean } from '../scenario/issue.ts';
import type { HeadlineMetric } from './headline.ts';
import { HEADLINE_NAMES } from './headline.ts';

/** A headline figure as users name it: `IteratorAge p99`, of every mapping, or `IteratorAge{mapping:m} p99`. */
export interface FigureName {
  /** Without the mapping. */
  readonly metric: string;
  readonly statistic: string;
  /** Null: of every mapping, or of the whole run. */
  readonly mapping: string | null;
}

/** A metric of which there is one statistic needs none. @returns what is wrong with it, where it is none */
export function readFigureName(text: string): FigureName | string {
  const match = /^\s*([^\s{}]+)(?:\{\s*mapping\s*:\s*([^{}]+?)\s*\})?(?:\s+(\S+))?\s*$/.exec(text);
  const known = HEADLINE_NAMES.map((one) => `${one.metric} ${one.statistic}`);
  if (match === null)
    return `expected a figure, such as 'IteratorAge p99' or 'IteratorAge{mapping:m} p99', got '${text}'`;
  const [, metric = '', mapping, given] = match;
  const statistics = HEADLINE_NAMES.filter((one) => one.metric === metric).map(({ statistic }) => statistic);
  if (given === undefined && statistics.length > 1)
    return `expected a statistic of ${metric}: ${alternatives(statistics)}, as in '${metric} ${statistics[0]}'`;
  const statistic = given ?? statistics[0] ?? '';
  const found = HEADLINE_NAMES.find((one) => one.metric === metric && one.statistic === statistic);
  const name = `${metric} ${statistic}`.trimEnd();
  if (found === undefined)
    return `unknown figure '${name}'${didYouMean(name, known) || `; expected one of ${known.join(', ')}`}`;
  if (mapping !== undefined && !found.isOfMapping) return `${name} is of the whole run; expected it without a mapping`;
  return { metric, statistic, mapping: mapping ?? null };
}

export function isNamed(figure: HeadlineMetric, name: FigureName): boolean {
  if (figure.statistic !== name.statistic || ownMetric(figure) !== name.metric) return false;
  return name.mapping === null || name.mapping === figure.mapping;
}

/** A figure's metric without its mapping. */
export function ownMetric({ metric, mapping }: HeadlineMetric): string {
  return mapping === null ? metric : metric.replace(`{mapping:${mapping}}`, '');
}

/** As users would type it. */
export function figureText({ metric, statistic, mapping }: FigureName): string {
  return `${metric}${mapping === null ? '' : `{mapping:${mapping}}`} ${statistic}`;
}
