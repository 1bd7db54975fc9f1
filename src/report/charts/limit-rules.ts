import type { JsonObject } from '../../scenario/scenario.ts';
import { pixelRule, textLayers } from './pixel-mark.ts';
import { shorten, textWidth } from './text-width.ts';
import type { TimePlot } from './time-plot.ts';

/** A level to compare the data with: a threshold, a limit. */
export interface Limit {
  readonly value: number;
  readonly label: string;
}

/** How far above the highest value a limit may lie and still be drawn to scale; past it the data would be flattened. */
const WITHIN_SCALE = 4;
const LABEL_HEIGHT = 15;

/** What the axis must reach to show lines without touching its end, and those limits that lie near them. */
export function reach(highest: number, limits: readonly Limit[]): number {
  const near = limits.map((limit) => limit.value).filter((value) => value <= highest * WITHIN_SCALE || highest === 0);
  return 1.03 * Math.max(highest, ...near);
}

/** A labelled line for each limit on the scale; one beyond it is named at the top with an arrow. */
export function limitRules(
  plot: Pick<TimePlot, 'frame' | 'width' | 'height'>,
  limits: readonly Limit[],
  top: number,
): JsonObject[] {
  const { limit: colour, background } = plot.frame.theme;
  const inside = limits.filter((limit) => limit.value <= top).sort((a, b) => b.value - a.value);
  const beyond = limits.filter((limit) => limit.value > top);
  const labels: { y: number; text: string }[] = [];
  if (beyond.length > 0)
    labels.push({ y: 0, text: `↑ beyond this scale: ${beyond.map((limit) => limit.label).join(', ')}` });
  for (const limit of inside) {
    const y = plot.height * (1 - limit.value / top);
    const before = labels.at(-1);
    // Too near to the label above for one of its own: they share it.
    if (before !== undefined && y - before.y < LABEL_HEIGHT && beyond.length === 0) before.text += ` · ${limit.label}`;
    else labels.push({ y, text: limit.label });
  }
  const rules = inside.map((limit) => {
    const y = plot.height * (1 - limit.value / top);
    return pixelRule({ x: 0, y }, { x: plot.width, y }, { color: colour, strokeWidth: 1.5, strokeDash: [7, 4] });
  });
  const texts = labels.flatMap((label) => {
    const font = { size: 11, weight: 'regular' } as const;
    const text = shorten(label.text, plot.width - 16, font);
    const y = label.y < LABEL_HEIGHT + 4 ? label.y + LABEL_HEIGHT - 5 : label.y - 9;
    return textLayers(text, { x: plot.width - 6 - textWidth(text, font), y, color: colour }, background);
  });
  return [...rules, ...texts];
}
