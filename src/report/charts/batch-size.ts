import type { JsonObject } from '../../scenario/scenario.ts';
import type { MappingSummary, Summary } from '../summary.ts';
import { counted, decimal, whole } from '../words.ts';
import { type ChartOptions, type ChartSpec, SERIES_LIMIT } from './chart-options.ts';
import { chartSpec, colourChannel, emptyLayer, type Frame, layOut, xChannel, yChannel } from './frame.ts';
import { lineEntries } from './lines.ts';
import { theme } from './theme.ts';
import { numberScale } from './units.ts';

/** How many invocations were handed how many records, over the whole run: a batch counts as often as it is tried. */
export function batchSizeChart(summary: Summary, options: ChartOptions = {}): ChartSpec {
  const colours = theme(options.theme ?? 'light');
  const mappings = Object.entries(summary.mappings)
    .filter(([, mapping]) => mapping.batchSizes.length > 0)
    .sort(([, a], [, b]) => b.invocations - a.invocations)
    .slice(0, SERIES_LIMIT);
  const all = mappings.flatMap(([, mapping]) => mapping.batchSizes);
  const largest = Math.max(1, ...all.map((bar) => bar.to));
  const most = Math.max(0, ...all.map((bar) => bar.count));
  const several = mappings.length > 1;
  const title = `Invocations by number of records${several ? ' and mapping' : ''}, whole run`;
  const x = numberScale(largest + 0.5, { whole: true }, 10);
  const frame = layOut({
    summary,
    options,
    title,
    kind: several ? 'areas' : 'bars',
    entries: lineEntries(
      mappings.map(([name]) => name),
      colours,
    ),
    x:
      most === 0
        ? null
        : { title: 'Records in the batch', scale: { ...x, to: Math.min(x.to, largest + Math.max(1, largest / 50)) } },
    y: most === 0 ? null : { title: 'Invocations', scale: numberScale(most, { whole: true }) },
  });
  const layer = several ? outlines(frame, mappings) : bars(frame, mappings);
  const facts = mappings.map(([name, { batchSize }]) => {
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

type NamedMapping = readonly [name: string, mapping: MappingSummary];

/** Each bar from half a record below to half a record above. */
function bars(frame: Frame, mappings: readonly NamedMapping[]): JsonObject {
  const largest = Math.max(1, ...mappings.flatMap(([, mapping]) => mapping.batchSizes.map((bar) => bar.to)));
  const narrowest = (2 * largest) / frame.plotWidth;
  const values = mappings.flatMap(([name, mapping]) =>
    mapping.batchSizes.map((bar) => {
      const middle = (bar.from + bar.to) / 2;
      const half = Math.max((bar.to - bar.from + 1) * 0.45, narrowest / 2);
      return { ...common(frame, name, bar), from: middle - half, to: middle + half };
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
function outlines(frame: Frame, mappings: readonly NamedMapping[]): JsonObject {
  const layers = mappings.flatMap(([name, mapping]) => {
    const values: JsonObject[] = [];
    mapping.batchSizes.forEach((bar, index) => {
      const before = mapping.batchSizes[index - 1];
      const next = mapping.batchSizes[index + 1];
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
    return [
      {
        data: { values },
        mark: { ...mark, type: 'area', opacity: 0.25 },
        encoding: { ...encoding, y2: { field: 'zero' } },
      },
      { data: { values }, mark: { ...mark, type: 'line', strokeWidth: 1.5 }, encoding },
    ];
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

function common(frame: Frame, name: string, bar: MappingSummary['batchSizes'][number]): JsonObject {
  const sizes = bar.from === bar.to ? whole(bar.from) : `${whole(bar.from)} – ${whole(bar.to)}`;
  const said = frame.input.options.interactive === true ? { sizes, invocations: whole(bar.count) } : {};
  return { mapping: frame.legendNames.get(name)!, count: bar.count, zero: 0, ...said };
}

function tooltip(frame: Frame): JsonObject {
  if (frame.input.options.interactive !== true) return {};
  return {
    tooltip: [
      ...(frame.input.entries.length > 1 ? [{ field: 'mapping', type: 'nominal', title: 'Mapping' }] : []),
      { field: 'sizes', type: 'nominal', title: 'Records' },
      { field: 'invocations', type: 'nominal', title: 'Invocations' },
    ],
  };
}
