import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlLibraries } from '../../src/cli/html-libraries.ts';
import { CHART_NAMES } from '../../src/report/charts/chart-names.ts';
import { htmlPage, pageCharts } from '../../src/report/html.ts';
import type { Summary } from '../../src/report/summary.ts';
import { MADE_UP_RUNS, madeUpSummary } from '../support/chart-summaries.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

async function pageOf(
  summary: Summary,
  more: { theme?: 'light' | 'dark'; scenarioText?: string } = {},
): Promise<string> {
  return htmlPage(summary, {
    charts: await pageCharts(summary, {}, (name) => `What ${name} says.`),
    summaryText: '  ✗ IteratorAge max < 60s  12.5 s\n! Slow.\n',
    libraries: htmlLibraries(),
    ...more,
  });
}

test('the page has the same bytes each time', async () => {
  const summary = madeUpSummary(MADE_UP_RUNS.several);
  const first = await pageOf(summary);
  expect((await pageOf(summary)) === first).toBe(true);
});

test('the page holds the summary, the scenario, every chart with its words, and asks for nothing', async () => {
  const page = await pageOf(madeUpSummary(MADE_UP_RUNS.several), { scenarioText: 'name: <several> & "more"' });
  expect(page).toContain(
    '<pre tabindex="0">  <span class="bad">✗</span> IteratorAge max &lt; 60s  12.5 s\n<span class="warning">!</span> Slow.</pre>',
  );
  expect(page).toContain('name: &lt;several&gt; &amp; &quot;more&quot;');
  for (const name of CHART_NAMES) {
    expect(page).toContain(`<figure id="chart-${name}">`);
    expect(page).toContain(`<figcaption>What ${name} says.</figcaption>`);
  }
  expect(page).not.toMatch(/<(script|link|img|iframe|object|source)[^>]+(src|href)=/i);
  expect(page).not.toContain('unsafe-eval');
});

test('what a chart leaves out is said beside it', async () => {
  const run = { hours: 601 / 3_600, mappings: [{ name: 'm', function: 'f', shards: 1, rate: 20 }] };
  const page = await pageOf(madeUpSummary(run));
  const note = 'The last 1 s, less than half a period, are not drawn.';
  expect(page).toContain(`<figcaption>What throughput says. ${note}</figcaption>`);
  expect(page).toContain('<figcaption>What backlog says.</figcaption>');
});

test('a name cannot break out of the page', async () => {
  const run = { ...MADE_UP_RUNS.short, name: '</script><script>alert(1)</script>' };
  const mapping = { ...MADE_UP_RUNS.short.mappings[0]!, name: '</script><!--<script>' };
  const page = await pageOf(madeUpSummary({ ...run, mappings: [mapping, { ...mapping, name: '<img src=x>' }] }));
  expect(page).not.toContain('<script>alert');
  expect(page).not.toContain('<img');
  const scripts = page.match(/<script/g)!.length;
  expect(page.match(/<\/script>/g)).toHaveLength(scripts);
});

describe.skipIf(!existsSync(CHROMIUM))(`in a browser without a network (skipped where there is no ${CHROMIUM})`, () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shardclock-page-'));
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function opened(html: string, colorScheme: 'light' | 'dark' = 'light', width = 1_100) {
    const file = join(folder, `${colorScheme}.html`);
    writeFileSync(file, html);
    const context = await browser.newContext({ offline: true, colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) problems.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    return { page, problems };
  }

  async function tooltipAt(
    page: Page,
    chart: string,
    place: { readonly x: number; readonly y: number },
  ): Promise<string> {
    const svg = page.locator(`#chart-${chart} svg`);
    await svg.scrollIntoViewIfNeeded();
    const box = (await svg.boundingBox())!;
    await page.mouse.move(box.x + box.width * place.x - 3, box.y + box.height * place.y);
    await page.mouse.move(box.x + box.width * place.x, box.y + box.height * place.y);
    return page.locator('#tooltip').innerText();
  }

  test('every chart is there and nothing is asked for or complained of', async () => {
    const { page, problems } = await opened(await pageOf(madeUpSummary(MADE_UP_RUNS.several)));
    for (const name of CHART_NAMES) {
      const svg = page.locator(`#chart-${name} svg`);
      expect(await svg.isVisible()).toBe(true);
      expect(await svg.locator('text').count()).toBeGreaterThan(3);
      expect(await page.locator(`#chart-${name} [role=img]`).getAttribute('aria-label')).toMatch(
        /Three mappings, two functions/,
      );
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('every chart answers the pointer with a tooltip', async () => {
    const { page, problems } = await opened(await pageOf(madeUpSummary(MADE_UP_RUNS.poisoned)));
    const middle = { x: 0.4, y: 0.5 };
    expect(await tooltipAt(page, 'iterator-age', middle)).toMatch(
      /^Time[\s\S]*shard 0\t\d+ h[\s\S]*Marked\tenrich: poison record/,
    );
    expect(await tooltipAt(page, 'throughput', middle)).toMatch(/in\t[\d.]+\/s\nout\t[\d.]+\/s/);
    expect(await tooltipAt(page, 'backlog', middle)).toMatch(/shard 0\t[\d,]+ records/);
    expect(await tooltipAt(page, 'concurrency', middle)).toMatch(/maximum\t\d/);
    expect(await tooltipAt(page, 'invocations', middle)).toMatch(/error\t1\nsuccess\t\d+/);
    expect(await tooltipAt(page, 'timeline', { x: 0.4, y: 0.25 })).toMatch(
      /Lane\tshard 0\nState\t(blocked|backing off)\nTime\t/,
    );
    expect(await tooltipAt(page, 'age-breakdown', middle)).toMatch(/processing\t\d+ ms/);
    expect(await tooltipAt(page, 'batch-size', { x: 0.39, y: 0.6 })).toMatch(/Records\t\d+ – \d+\nInvocations\t[\d,]+/);
    await page.mouse.move(1, 1);
    expect(await page.locator('#tooltip').isVisible()).toBe(false);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('a phone is wide enough for any name, and the keyboard moves the charts that are wider', async () => {
    const page = htmlPage(madeUpSummary(MADE_UP_RUNS.short), {
      charts: await pageCharts(madeUpSummary(MADE_UP_RUNS.short), {}, () => 'W'.repeat(140)),
      summaryText: '',
      libraries: htmlLibraries(),
    });
    const { page: phone } = await opened(page, 'light', 360);
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await phone.locator('#chart-backlog [role=img]').focus();
    await phone.keyboard.press('ArrowRight');
    await expect
      .poll(() => phone.evaluate(`document.querySelector('#chart-backlog .chart').scrollLeft`))
      .toBeGreaterThan(0);
    expect(await phone.locator('.chart[role=img][tabindex="0"]').count()).toBe(CHART_NAMES.length);
    await phone.context().close();
  });

  test("the page follows its reader's preference for dark, or the theme it was made with", async () => {
    const summary = madeUpSummary(MADE_UP_RUNS.short);
    const ground = (page: Page) => page.locator('#chart-backlog svg').getAttribute('style');
    const light = await opened(await pageOf(summary), 'light');
    expect(await ground(light.page)).toContain('rgb(255, 255, 255)');
    await light.page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => ground(light.page)).toContain('rgb(20, 24, 29)');
    const kept = await opened(await pageOf(summary, { theme: 'light' }), 'dark');
    expect(await ground(kept.page)).toContain('rgb(255, 255, 255)');
    expect([...light.problems, ...kept.problems]).toEqual([]);
    await light.page.context().close();
    await kept.page.context().close();
  });
});
