import type { JsonObject } from '../../scenario/scenario.ts';
import type { MappingSummary, Summary } from '../summary.ts';
import { counted, decimal, whole } from '../words.ts';
import { type ChartOptions, type ChartSpec, SERIES_LIMIT } from './chart-options.ts';
import { chartSpec, colourChannel, dashChannel, emptyLayer, type Frame, layOut, xChannel, yChannel } from './frame.ts';
import { lineEntries } from './lines.ts';
import { LINE_COLOURS, theme } from './theme.ts';
import { numberScale } from './units.ts';

/** How many invocations were handed how many records, over the whole run: a batch counts as often as it is tried. */
export function batchSizeChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const invoked = Object.entries(summary.mappings)
    .filter(([, mapping]) => mapping.batchSizes.length > 0)
    .sort(([, a], [, b]) => b.invocations - a.invocations);
  const drawn = invoked.slice(0, SERIES_LIMIT);
  const width = Math.max(1, ...drawn.map(([, { batchSizes }]) => widthOf(batchSizes)));
  const mappings = drawn.map((one) => inBars(width, one));
  const all = mappings.flatMap(({ bars }) => bars);
  const largest = Math.max(1, ...all.map((bar) => bar.to));
  const most = Math.max(0, ...all.map((bar) => bar.count));
  const several = mappings.length > 1;
  const chosen =
    invoked.length > mappings.length ? `, the ${mappings.length} of ${whole(invoked.length)} with the most` : '';
  const title = `Invocations by number of records${several ? ' and mapping' : ''}${chosen}, whole run`;
  const x = numberScale(largest + 0.5, { whole: true }, 10);
  const frame = layOut({
    summary,
    options,
    title,
    kind: several ? (isDashed(mappings) ? 'lines' : 'areas') : 'bars',
    entries: lineEntries(
      mappings.map(({ name }) => name),
      colours,
    ),
    namesOne: Object.keys(summary.mappings).length > 1,
    x:
      most === 0
        ? null
        : {
            title: `Records in the batch${width > 1 ? `, ${whole(width)} sizes a ${several ? 'step' : 'bar'}` : ''}`,
            scale: { ...x, to: Math.min(x.to, largest + Math.max(1, largest / 50)) },
          },
    y: most === 0 ? null : { title: 'Invocations', scale: numberScale(most, { whole: true }) },
  });
  const layer = several ? outlines(frame, mappings) : bars(frame, mappings);
  const facts = mappings.map(({ name, batchSize }) => {
    const mean =
      batchSize.mean === null
        ? ''
        : `, mean ${decimal(batchSize.mean)}, at most ${counted(batchSize.max ?? 0, 'record')}`;
    return `${name}: ${counted(batchSize.count, 'invocation')}${mean}.`;
  });
  return chartSpec(frame, {
    layers: most === 0 ? [emptyLayer(frame, 'No invocations, so no batches', 0)] : [layer],
    description: [
      `${title} of ${summary.scenario.name}.`,
      ...(most === 0 ? ['No invocations.'] : facts),
      options.caption ?? '',
    ]
      .filter((part) => part !== '')
      .join(' '),
  });
}

type Bar = MappingSummary['batchSizes'][number];

interface DrawnMapping {
  readonly name: string;
  readonly batchSize: MappingSummary['batchSize'];
  readonly bars: readonly Bar[];
}

/**
 * In bars of the width that the widest of all mappings have: in narrower ones it would seem to have had fewer invocations. A
 * bar that lies across the edge of a wider one is parted as if its sizes had been equally frequent.
 */
function inBars(width: number, [name, { batchSize, batchSizes }]: readonly [string, MappingSummary]): DrawnMapping {
  return { name, batchSize, bars: widthOf(batchSizes) === width ? batchSizes : widened(width, batchSizes) };
}

function widthOf(bars: readonly Bar[]): number {
  return Math.max(1, ...bars.map(({ from, to }) => to - from + 1));
}

/** @param width at least that of the bars, so that each lies in two of the wider ones at most */
function widened(width: number, bars: readonly Bar[]): Bar[] {
  const counts = new Map<number, number>();
  const add = (place: number, count: number) => {
    if (count > 0) counts.set(place, (counts.get(place) ?? 0) + count);
  };
  for (const { from, to, count } of bars) {
    const place = Math.floor((from - 1) / width);
    const before = Math.min(to, (place + 1) * width) - from + 1;
    const share = Math.round((count * before) / (to - from + 1));
    add(place, share);
    add(place + 1, count - share);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([place, count]) => ({ from: place * width + 1, to: (place + 1) * width, count }));
}

/** More than there are colours: told apart by dashes, too, which areas do not have. */
function isDashed(mappings: readonly DrawnMapping[]): boolean {
  return mappings.length > LINE_COLOURS.length;
}

/** Each bar from half a record below to half a record above. */
function bars(frame: Frame, mappings: readonly DrawnMapping[]): JsonObject {
  const largest = Math.max(1, ...mappings.flatMap((mapping) => mapping.bars.map((bar) => bar.to)));
  const narrowest = (2 * largest) / frame.plotWidth;
  const values = mappings.flatMap((mapping) =>
    mapping.bars.map((bar) => {
      const middle = (bar.from + bar.to) / 2;
      const half = Math.max((bar.to - bar.from + 1) * 0.45, narrowest / 2);
      return { ...common(frame, mapping.name, bar), from: middle - half, to: middle + half };
    }),
  );
  return {
    name: 'bars',
    data: { values },
    mark: { type: 'rect', clip: true },
    encoding: {
      x: { ...xChannel(frame), field: 'from' },
      x2: { field: 'to' },
      y: { ...yChannel(frame), field: 'count' },
      y2: { field: 'zero' },
      color: colourChannel(frame, 'mapping'),
      ...tooltip(frame),
    },
  };
}

/** Mappings may have sizes of their own, so bars side by side would mislead: outlines that lie over one another. */
function outlines(frame: Frame, mappings: readonly DrawnMapping[]): JsonObject {
  const dashed = isDashed(mappings);
  const layers = mappings.flatMap(({ name, bars }) => {
    const values: JsonObject[] = [];
    bars.forEach((bar, index) => {
      const before = bars[index - 1];
      const next = bars[index + 1];
      if (before === undefined || before.to < bar.from - 1)
        values.push({ ...common(frame, name, { ...bar, count: 0 }), size: bar.from - 0.5 });
      values.push({ ...common(frame, name, bar), size: bar.from - 0.5 });
      if (next === undefined || next.from > bar.to + 1)
        values.push({ ...common(frame, name, { ...bar, count: 0 }), size: bar.to + 0.5 });
    });
    const encoding = {
      x: { ...xChannel(frame), field: 'size' },
      y: { ...yChannel(frame), field: 'count' },
      color: colourChannel(frame, 'mapping'),
    };
    const mark = { interpolate: 'step-after', clip: true };
    const area = {
      data: { values },
      mark: { ...mark, type: 'area', opacity: 0.25 },
      encoding: { ...encoding, y2: { field: 'zero' } },
    };
    const line = {
      data: { values },
      mark: { ...mark, type: 'line', strokeWidth: 1.5 },
      encoding: dashed ? { ...encoding, strokeDash: dashChannel(frame, 'mapping') } : encoding,
    };
    return dashed ? [line] : [area, line];
  });
  const hit = bars(frame, mappings);
  return {
    name: 'bars',
    layer:
      frame.input.options.interactive === true
        ? [...layers, { ...hit, mark: { type: 'rect', opacity: 0, clip: true } }]
        : layers,
  };
}

function common(frame: Frame, name: string, bar: Bar): JsonObject {
  const sizes = bar.from === bar.to ? whole(bar.from) : `${whole(bar.from)} – ${whole(bar.to)}`;
  const said = frame.input.options.interactive === true ? { sizes, invocations: whole(bar.count) } : {};
  return { mapping: frame.legendNames.get(name)!, count: bar.count, zero: 0, ...said };
}

function tooltip(frame: Frame): JsonObject {
  if (frame.input.options.interactive !== true) return {};
  return {
    tooltip: [
      ...(frame.input.entries.length > 1 || frame.input.namesOne === true
        ? [{ field: 'mapping', type: 'nominal', title: 'Mapping' }]
        : []),
      { field: 'sizes', type: 'nominal', title: 'Records' },
      { field: 'invocations', type: 'nominal', title: 'Invocations' },
    ],
  };
}
