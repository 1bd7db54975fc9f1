import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHART_NAMES } from '../../src/report/charts/chart-names.ts';
import { chart } from '../../src/report/charts/charts.ts';
import { drawSvg } from '../../src/report/draw.ts';
import { MADE_UP_RUNS, madeUpSummary } from '../support/chart-summaries.ts';
import { collisions, svgTexts } from '../support/svg-texts.ts';

const SUMMARIES = Object.entries(MADE_UP_RUNS).map(([name, run]) => [name, madeUpSummary(run)] as const);
const CAPTION =
  'Shard 0 was blocked for 24 h 3 min by one record that fails every time; 81,412 records behind it expired. '.repeat(
    2,
  );
const BUILT = new URL('../../dist/index.js', import.meta.url);

describe.each(SUMMARIES)('drawn from the run %s', (_, summary) => {
  test.each(CHART_NAMES)('no text of %s is cut, and none lies on another', async (name) => {
    for (const options of [
      {},
      { title: `${'A long title '.repeat(20)}.`, width: 800, height: 450 },
      { width: 1_600, height: 900 },
    ]) {
      const svg = await drawSvg(chart(name, summary, { caption: CAPTION, ...options }));
      const width = options.width ?? 960;
      const height = options.height ?? 540;
      expect(svg).toContain(`width="${width}" height="${height}"`);
      const texts = svgTexts(svg);
      expect(texts.length).toBeGreaterThan(3);
      const cut = texts.filter((text) => text.left < 0 || text.right > width || text.top < 0 || text.bottom > height);
      expect(cut).toEqual([]);
      expect(collisions(texts)).toEqual([]);
    }
  });
});

test.each(CHART_NAMES)('%s has the same bytes twice', async (name) => {
  const drawn = () => drawSvg(chart(name, madeUpSummary(MADE_UP_RUNS.several), { caption: CAPTION }));
  expect(await drawn()).toBe(await drawn());
});

test.skipIf(!existsSync(BUILT))('charts have the same bytes wherever they are drawn (skipped before a build)', () => {
  const specs = CHART_NAMES.map((name) => chart(name, madeUpSummary(MADE_UP_RUNS.several)));
  const program = `import { drawSvg } from '${BUILT.href}'; import { readFileSync } from 'node:fs';
    for (const spec of JSON.parse(readFileSync(0, 'utf8'))) console.log(await drawSvg(spec));`;
  const drawnIn = (env: Record<string, string>) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      input: JSON.stringify(specs),
      env: { ...process.env, ...env },
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
  const here = drawnIn({ TZ: 'UTC', LANG: 'C' });
  expect(here.length).toBeGreaterThan(100_000);
  expect(drawnIn({ TZ: 'Asia/Kolkata', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' }) === here).toBe(true);
});

test('the text alternative stands in the picture, with what a name may hold', async () => {
  const svg = await drawSvg(chart('timeline', madeUpSummary(MADE_UP_RUNS.longNames)));
  expect(svg).toMatch(/^<svg [^>]*role="img" aria-label="State of each lane over time/);
  expect(svg).toContain('tüv &quot;prüft&quot; &lt;b&gt;&amp; zählt&lt;/b&gt;');
  expect(svg).not.toContain('<b>');
});

test('every text is set in the bundled font', async () => {
  const svg = await drawSvg(chart('concurrency', madeUpSummary(MADE_UP_RUNS.several)));
  expect(new Set(svg.match(/font-family="[^"]*"/g))).toEqual(new Set(['font-family="Inter, sans-serif"']));
});
