import { measuredWords, worstWords } from './phrases.ts';
import type { Summary } from './summary.ts';
import { printable } from './text-layout.ts';

/** The thresholds that are not met, a line each: 'IteratorAge max < 10s is not met: 12.5 s, orders-to-enrich at 00:20:00'. */
export function unmetThresholds(summary: Summary): string[] {
  return summary.thresholds
    .filter(({ ok }) => !ok)
    .map((result) => {
      const measured = [measuredWords(result), worstWords(result, summary)].filter((words) => words !== '').join(', ');
      return printable(`${result.metric} ${result.expression} is not met: ${measured}`);
    });
}
