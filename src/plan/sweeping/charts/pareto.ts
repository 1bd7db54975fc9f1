import type { ChartSpec } from '../../../report/charts/chart-options.ts';
import { chartSpec, colourChannel, emptyLayer, layOut, xChannel, yChannel } from '../../../report/charts/frame.ts';
import { textLayers } from '../../../report/charts/pixel-mark.ts';
import { textWidth } from '../../../report/charts/text-width.ts';
import { theme } from '../../../report/charts/theme.ts';
import { spanScale } from '../../../report/charts/units.ts';
import { duration, money } from '../../../report/words.ts';
import type { JsonObject } from '../../../scenario/scenario.ts';
import { settingNames, settingsText } from '../../setting-words.ts';
import type { Sweep, SweepPoint } from '../sweep-result.ts';
import { monthlyCost, worstAge } from '../sweep-result.ts';
import type { SweepChartOptions } from './chart-data.ts';
import { meanWords, valueAxis } from './chart-data.ts';

const FRONT = 'Nothing cheaper is as fast';
const MISSED = 'A threshold is not met';
const OTHERS = 'Others';

interface Dot {
  readonly point: SweepPoint;
  readonly cost: number;
  readonly age: number;
  readonly kind: string;
}

/** What a month costs against IteratorAge p99, a dot a point; those that nothing cheaper beats are joined and named. */
export function paretoChart(sweep: Sweep, options: SweepChartOptions): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const dots = sweep.points.flatMap((point): Dot[] => {
    const [cost, age] = [monthlyCost(point.metrics), worstAge(point.metrics)];
    if (cost === null || age === null) return [];
    const isMissed = point.thresholdsMet < point.complete;
    return [{ point, cost, age, kind: isMissed ? MISSED : point.onFront ? FRONT : OTHERS }];
  });
  const costs = dots.map(({ cost }) => cost);
  const currency = sweep.prices?.currency ?? '';
  const kinds = [
    { name: FRONT, colour: colours.line0 },
    { name: OTHERS, colour: colours.envelope },
    { name: MISSED, colour: colours.limit },
  ].filter(({ name }) => dots.some(({ kind }) => kind === name));
  const several =
    new Set(sweep.points.flatMap(({ metrics }) => metrics.flatMap(({ mapping }) => mapping ?? []))).size > 1;
  const age = `IteratorAge p99${several ? ', of the mapping that has the highest' : ''}`;
  const title = `Cost of a month against ${age}, ${meanWords(sweep)}`;
  const ages = valueAxis('IteratorAge p99', 'Milliseconds', topOf(dots));
  const top = ages.scale.to;
  const above = dots.filter((dot) => dot.age > top);
  const frame = layOut({
    summary: sweep,
    options: { ...options, caption: captionOf(dots, above.length) },
    title,
    kind: 'areas',
    entries: kinds,
    x: dots.length === 0 ? null : { title: `Cost of a month (${currency})`, scale: costScale(costs) },
    y: dots.length === 0 ? null : ages,
  });
  const encoding = {
    x: { ...xChannel(frame), field: 'cost' },
    y: { ...yChannel(frame), field: 'age' },
  };
  const marks = (shape: string, shown: readonly Dot[]): JsonObject => ({
    data: {
      values: shown.map((dot) => ({
        cost: dot.cost,
        age: Math.min(dot.age, top),
        kind: frame.legendNames.get(dot.kind) ?? dot.kind,
      })),
    },
    mark: { type: 'point', shape, filled: true, size: 80, opacity: 1 },
    encoding: { ...encoding, color: colourChannel(frame, 'kind') },
  });
  const front = dots.filter(({ point }) => point.onFront).sort((a, b) => a.cost - b.cost || a.age - b.age);
  const layers: JsonObject[] =
    dots.length === 0
      ? [emptyLayer(frame, 'No runs, so no figures', 0)]
      : [
          {
            data: { values: front.map((dot) => ({ cost: dot.cost, age: dot.age })) },
            mark: {
              type: 'line',
              interpolate: 'step-after',
              strokeWidth: 1.5,
              color: colours.line0,
              strokeDash: [4, 3],
            },
            encoding,
          },
          marks(
            'circle',
            dots.filter((dot) => dot.age <= top),
          ),
          ...(above.length === 0 ? [] : [marks('triangle-up', above)]),
          ...labelLayers(front, sweep, {
            dots,
            width: frame.plotWidth,
            height: frame.plotHeight,
            at: ({ cost, age: y }) => ({
              x: across(cost, frame.input.x!.scale) * frame.plotWidth,
              y: (1 - across(Math.min(y, top), ages.scale)) * frame.plotHeight,
            }),
            ...{ text: colours.text, background: colours.background },
          }),
        ];
  return chartSpec(frame, { layers, description: describe(sweep, dots, title) });
}

/** What is far above the front would flatten it: it is drawn at the upper edge. */
function topOf(dots: readonly Dot[]): number {
  const highest = (some: readonly Dot[]) => Math.max(0, ...some.map(({ age }) => age));
  const front = highest(dots.filter(({ point }) => point.onFront));
  return 1.05 * (front > 0 && highest(dots) > FAR * front ? 3 * front : highest(dots));
}

const FAR = 5;

interface Span {
  readonly from: number;
  readonly to: number;
}

function across(value: number, { from, to }: Span): number {
  return (value - from) / (to - from);
}

/** From a round value below the least, unless 0 is near. */
function costScale(costs: readonly number[]) {
  const [least, most] = [Math.min(...costs), Math.max(...costs)];
  const room = Math.max((most - least) * 0.08, most * 0.01, 0.01);
  return spanScale(least < (most - least) / 2 ? 0 : Math.max(0, least - room), most + room);
}

interface LabelRoom {
  readonly width: number;
  readonly height: number;
  readonly at: (dot: Dot) => { readonly x: number; readonly y: number };
  readonly text: string;
  readonly background: string;
}

const FONT = { size: 11, weight: 'regular' } as const;
const HALF_LINE = 7; // pixels
const RADIUS = 6;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Names beside the dots of the front, where there is a place that meets no other name and no dot. */
function labelLayers(
  front: readonly Dot[],
  { axes }: Sweep,
  { dots, ...room }: LabelRoom & { readonly dots: readonly Dot[] },
): JsonObject[] {
  const names = settingNames(axes.map(({ path }) => path));
  const taken = dots.map((dot) => around(room.at(dot), { width: 0, half: RADIUS }));
  return front.flatMap((dot) => {
    const label = settingsText(names, dot.point.values);
    const width = textWidth(label, FONT);
    const { x, y } = room.at(dot);
    const places = [x + 9, x - 9 - width, x - width / 2].flatMap((left) => [
      { x: left, y: y - 11 },
      { x: left, y: y + 13 },
    ]);
    const free = places.find((place) => {
      const box = around(place, { width, half: HALF_LINE });
      const isInside = box.left >= 0 && box.right <= room.width && box.top >= 0 && box.bottom <= room.height;
      return isInside && !taken.some((other) => meets(box, other));
    });
    if (free === undefined) return [];
    taken.push(around(free, { width, half: HALF_LINE }));
    return textLayers(label, { ...free, color: room.text }, room.background);
  });
}

/** A box from `x` to the right, with a margin. */
function around({ x, y }: { readonly x: number; readonly y: number }, size: { width: number; half: number }): Box {
  const { width, half } = size;
  const margin = width === 0 ? half : 2;
  return { left: x - margin, right: x + width + margin, top: y - half, bottom: y + half };
}

function meets(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function captionOf(dots: readonly Dot[], above: number): string {
  const missed = dots.some(({ kind }) => kind === MISSED) ? ' In red: a threshold is not met in every run.' : '';
  const beyond = above === 0 ? '' : ` Triangles: ${above} of ${dots.length} points lie above this scale.`;
  return `Lower and further left is better.${missed}${beyond}`;
}

function describe(sweep: Sweep, dots: readonly Dot[], title: string): string {
  const names = settingNames(sweep.axes.map(({ path }) => path));
  const currency = sweep.prices?.currency ?? '';
  const facts = dots
    .filter(({ point }) => point.onFront)
    .slice(0, 20)
    .map(({ point, cost, age }) => `${settingsText(names, point.values)}: ${money(cost, currency)}, ${duration(age)}.`);
  return `${title}. ${dots.length} points. Those that nothing cheaper beats: ${facts.join(' ')}`;
}
