import { textWidth } from '../../src/report/charts/text-width.ts';

/** A text of an SVG chart with its box in the picture's pixels. */
export interface SvgText {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Every text that vega drew, halos aside, where it stands in the picture. */
export function svgTexts(svg: string): SvgText[] {
  const places: Place[] = [];
  const texts: SvgText[] = [];
  let here: Place = { x: 0, y: 0, turn: 0 };
  for (const [, close, tag, attributes = '', selfClosed, content = ''] of svg.matchAll(
    /<(\/?)([a-z]+)([^>]*?)(\/?)>([^<]*)/gi,
  )) {
    if (close === '/') {
      if (tag === 'g') here = places.pop()!;
    } else if (tag === 'g' && selfClosed === '') {
      places.push(here);
      here = moved(here, attributes);
    } else if (tag === 'text' && !attributes.includes('stroke-width') && content !== '') {
      texts.push(box(moved(here, attributes), attributes, plain(content)));
    }
  }
  return texts;
}

/** Pairs of texts that lie on each other. */
export function collisions(texts: readonly SvgText[]): string[] {
  return texts.flatMap((one, index) =>
    texts
      .slice(index + 1)
      .filter(
        (other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom,
      )
      .map((other) => `${one.text} / ${other.text}`),
  );
}

interface Place {
  readonly x: number;
  readonly y: number;
  /** Degrees; texts are upright, or stand on an axis' title's side. */
  readonly turn: 0 | 90 | -90;
}

function moved(from: Place, attributes: string): Place {
  let place = from;
  const transform = /transform="([^"]*)"/.exec(attributes)?.[1] ?? '';
  for (const [, kind, first, second] of transform.matchAll(/(translate|rotate)\(([-\d.e]+)(?:,\s*([-\d.e]+))?\)/g)) {
    if (kind === 'rotate') place = { ...place, turn: Number(first) < 0 ? -90 : 90 };
    else place = shifted(place, Number(first), Number(second ?? 0));
  }
  return place;
}

function shifted(from: Place, x: number, y: number): Place {
  if (from.turn === 0) return { ...from, x: from.x + x, y: from.y + y };
  const sign = from.turn / 90;
  return { ...from, x: from.x - sign * y, y: from.y + sign * x };
}

function box(at: Place, attributes: string, text: string): SvgText {
  const size = Number(/font-size="([\d.]+)px"/.exec(attributes)![1]);
  const anchor = /text-anchor="(\w+)"/.exec(attributes)?.[1] ?? 'start';
  const width = textWidth(text, { size, weight: attributes.includes('font-weight="600"') ? 'semiBold' : 'regular' });
  const before = anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0;
  // Above the base line what capitals take, below it what a comma does.
  const corners = [shifted(at, -before, -0.75 * size), shifted(at, width - before, 0.15 * size)];
  const [xs, ys] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)];
  return { text, left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function plain(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
