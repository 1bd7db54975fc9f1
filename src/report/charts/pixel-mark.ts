import type { JsonObject } from '../../scenario/scenario.ts';

/** A layer of one mark that stands at places in pixels, whatever the scales. */
export function pixelMark(mark: JsonObject): JsonObject {
  return { data: { values: [{}] }, mark, encoding: {} };
}

/** A text in the plot's own pixels, with a halo in the background's colour where it lies on data. */
export function textLayers(text: string, place: JsonObject, background: string): JsonObject[] {
  const mark = { type: 'text', text, fontSize: 11, align: 'left', baseline: 'middle', ...place };
  return [
    pixelMark({ ...mark, color: background, stroke: background, strokeWidth: 4, strokeJoin: 'round', opacity: 0.85 }),
    pixelMark(mark),
  ];
}

/** A straight line between places in pixels. */
export function pixelRule(
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
  look: JsonObject,
): JsonObject {
  const channel = (value: number) => ({ value });
  return {
    data: { values: [{}] },
    mark: { type: 'rule', ...look },
    encoding: { x: channel(from.x), y: channel(from.y), x2: channel(to.x), y2: channel(to.y) },
  };
}
