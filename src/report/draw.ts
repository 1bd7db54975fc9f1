import type { JsonObject } from '../scenario/scenario.ts';
import { textWidth } from './charts/text-width.ts';

/** A vega specification, as vega-lite compiles it. */
export type VegaSpec = JsonObject;

/** Compiles a chart once, so that a page needs vega alone. */
export async function compileChart(spec: JsonObject): Promise<VegaSpec> {
  const { compile } = await import('vega-lite');
  const compiled = compile(spec as unknown as Parameters<typeof compile>[0], { logger: silent });
  return compiled.spec as unknown as VegaSpec;
}

/** In place of the one that prints: our charts give no cause for a warning, which tests hold them to. */
const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
} as never;

/** The chart as an SVG document: the same bytes on every machine, its text measured by the table of the bundled font. */
export async function drawSvg(spec: JsonObject): Promise<string> {
  const [vega, compiled] = await Promise.all([import('vega'), compileChart(spec)]);
  measureByTable(vega);
  const view = new vega.View(vega.parse(compiled as unknown as Parameters<typeof vega.parse>[0]), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return withTextAlternative(numbered(svg), typeof spec.description === 'string' ? spec.description : '');
  } finally {
    view.finalize();
  }
}

/** Vega lists its text metrics among its exports but not among its types. */
interface TextMetrics {
  width: (item: { readonly fontSize?: number; readonly fontWeight?: number | string }, text: unknown) => number;
}

/** Without a canvas vega guesses widths by the number of characters, and with one they depend on the machine's fonts. */
function measureByTable(vega: object): void {
  const metrics = (vega as { readonly textMetrics?: TextMetrics }).textMetrics;
  if (metrics === undefined) throw new Error('vega no longer exports its text metrics');
  metrics.width = (item, text) =>
    textWidth(String(text ?? ''), {
      size: item.fontSize ?? 11,
      weight: isBold(item.fontWeight) ? 'semiBold' : 'regular',
    });
}

function isBold(weight: number | string | undefined): boolean {
  return weight === 'bold' || Number(weight) >= 600;
}

/** Vega numbers clip paths through the life of the process: here they begin anew in every picture. */
function numbered(svg: string): string {
  const numbers = new Map<string, number>();
  return svg.replaceAll(/(id="|url\(#)clip(\d+)/g, (_, before: string, id: string) => {
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return `${before}clip${numbers.get(id)}`;
  });
}

/** For readers who hear the picture: its title and description stand at the top, and it counts as one image. */
function withTextAlternative(svg: string, description: string): string {
  const text = escapeXml(description);
  return svg.replace(
    /^<svg ([^>]*)>/,
    (_, attributes: string) => `<svg ${attributes} role="img" aria-label="${text}"><desc>${text}</desc>`,
  );
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
