import { expect, test } from 'vitest';
import { renderPng } from '../../src/cli/png.ts';
import { chart } from '../../src/report/charts/charts.ts';
import { drawSvg } from '../../src/report/draw.ts';
import { MADE_UP_RUNS, madeUpSummary } from '../support/chart-summaries.ts';

test('a chart becomes a PNG of twice its pixels, the same bytes each time', async () => {
  const svg = await drawSvg(chart('timeline', madeUpSummary(MADE_UP_RUNS.short)));
  const png = renderPng(svg);
  expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  expect(size(png)).toEqual([1_920, 1_080]);
  expect(size(renderPng(svg, { scale: 1 }))).toEqual([960, 540]);
  expect(Buffer.from(renderPng(svg)).equals(Buffer.from(png))).toBe(true);
});

test.each(['400', '600'])('text of weight %s is drawn with a font of our own, in several scripts', (weight) => {
  const empty = picture('', weight);
  for (const text of ['shard 0 ≤ 5 × µ … – ✓ ✗ →', 'größe', 'заказы', 'τιμή']) {
    expect(Buffer.from(picture(text, weight)).equals(Buffer.from(empty))).toBe(false);
  }
  expect(Buffer.from(picture('shard', '400')).equals(Buffer.from(picture('shard', '600')))).toBe(false);
});

function picture(text: string, weight: string): Uint8Array {
  return renderPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><text x="4" y="24" font-family="Inter, sans-serif" font-size="14px" font-weight="${weight}">${text}</text></svg>`,
  );
}

function size(png: Uint8Array): number[] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}
