import { expect, test } from 'vitest';
import { seriesCsv } from '../../src/report/csv.ts';
import { explain } from '../../src/report/explain/explain.ts';
import { junitXml } from '../../src/report/junit.ts';
import { summaryMarkdown } from '../../src/report/markdown.ts';
import { summarise } from '../../src/report/summarise.ts';
import { summaryText } from '../../src/report/text.ts';
import { simulateSync } from '../../src/sim/simulate.ts';
import { shippedScenario } from '../support/shipped-scenarios.ts';

test.each(['outage', 'poison-with-retry-limit'])('without its spans a result tells the same in words: %s', (name) => {
  const recording = simulateSync(shippedScenario(name));
  const [whole, less] = [summarise(recording), summarise(recording, { spans: false })];
  expect(whole.timeline.lanes.some(({ spans }) => spans.length > 0)).toBe(true);
  expect(less).toEqual({
    ...whole,
    timeline: {
      ...whole.timeline,
      lanes: whole.timeline.lanes.map(({ short: _, ...lane }) => ({ ...lane, spans: [] })),
    },
  });
  for (const tell of [summaryText, summaryMarkdown, seriesCsv, junitXml, explain]) {
    expect(tell(less as never)).toEqual(tell(whole as never));
  }
});
