import { clock, decimal } from '../words.ts';

/** Ticks of an axis, in the data's own unit, and the vega expression that labels them. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly labelExpr: string;
  readonly labels: readonly string[];
  /** Of the labels: 'ms', 'm'; empty for a plain number. */
  readonly unit: string;
}

/** From 0 to a round value at or above `highest` (milliseconds), in the unit that reads best. */
export function durationScale(highest: number, ticks = 6): Scale {
  const [unit, size, steps] = VALUE_UNITS.find(([, , , below]) => highest < below)!;
  const step = steps.find((candidate) => highest <= candidate * ticks * size) ?? roundStep(highest / size / ticks);
  return upTo(highest, step * size, { unit, size });
}

/** From 0 to a round value at or above `highest`. Steps are whole where the values are. */
export function numberScale(highest: number, options: { readonly whole: boolean }, ticks = 6): Scale {
  const step = roundStep(highest / ticks);
  return upTo(highest, options.whole ? Math.max(1, step) : step, { unit: '', size: 1 });
}

/**
 * Ticks over a part of the run, in seconds, at most `ticks` steps. Labels carry their unit, and the next smaller one
 * where the steps need it: 0 h, 6 h; 1 d 12 h; 24 h 20 min; finer than that as a clock, 24:00:10.
 */
export function timeScale(from: number, to: number, ticks: number): Scale {
  const length = to - from;
  const step =
    TIME_STEPS.find((candidate) => length / candidate <= ticks) ?? roundStep(length / ticks / 86_400) * 86_400;
  const values: number[] = [];
  for (let index = Math.ceil(Number((from / step).toPrecision(12))); index * step <= to; index++) {
    values.push(Number((index * step).toPrecision(12)));
  }
  const largest = TIME_UNITS.findIndex(([, , above]) => to > above);
  const [unit, size] = TIME_UNITS[largest]!;
  const [small, smallSize] = TIME_UNITS[largest + 1] ?? ['', size];
  if (step % size === 0 || small === '') {
    return {
      ...{ from, to, ticks: values, unit },
      labels: values.map((value) => `${decimal(value / size, 6)} ${unit}`),
      labelExpr: `format(datum.value / ${size}, ',.6~r') + ' ${unit}'`,
    };
  }
  if (step % smallSize === 0) {
    const whole = `floor(datum.value / ${size})`;
    const rest = `datum.value % ${size}`;
    return {
      ...{ from, to, ticks: values, unit },
      labels: values.map((value) => twoUnits(value, { unit, size, small, smallSize })),
      labelExpr: `(${whole} === 0 && ${rest} > 0 ? '' : format(${whole}, ',') + ' ${unit} ') + (${rest} === 0 ? '' : (${rest}) / ${smallSize} + ' ${small}')`,
    };
  }
  const seconds = step < 1 ? "'06.3f'" : "'02d'";
  return {
    ...{ from, to, ticks: values, unit: 'h:m:s' },
    labels: values.map(clock),
    labelExpr: `format(floor(datum.value / 3600), 'd') + ':' + format(floor(datum.value % 3600 / 60), '02d') + ':' + format(datum.value % 60, ${seconds})`,
  };
}

function twoUnits(
  value: number,
  units: { readonly unit: string; readonly size: number; readonly small: string; readonly smallSize: number },
): string {
  const whole = Math.floor(value / units.size);
  const rest = (value % units.size) / units.smallSize;
  if (rest === 0) return `${decimal(whole, 6)} ${units.unit}`;
  return whole === 0
    ? `${decimal(rest, 6)} ${units.small}`
    : `${decimal(whole, 6)} ${units.unit} ${decimal(rest, 6)} ${units.small}`;
}

type ValueUnit = readonly [unit: string, milliseconds: number, steps: readonly number[], below: number];
const VALUE_UNITS: readonly ValueUnit[] = [
  ['ms', 1, [], 1_000],
  ['s', 1_000, [0.2, 0.5, 1, 2, 5, 10, 15, 20, 30], 120_000],
  ['m', 60_000, [0.5, 1, 2, 5, 10, 15, 20, 30], 7_200_000],
  ['h', 3_600_000, [0.5, 1, 2, 3, 4, 6, 8, 12, 24], 3 * 86_400_000],
  ['d', 86_400_000, [1, 2, 5, 7, 14], Number.POSITIVE_INFINITY],
];

/** The largest first, with the seconds above which an axis uses it. */
const TIME_UNITS = [
  ['d', 86_400, 172_800],
  ['h', 3_600, 10_800],
  ['m', 60, 180],
  ['s', 1, -1],
] as const;

/** Seconds. */
const TIME_STEPS = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800,
  14_400, 21_600, 43_200, 86_400, 172_800, 432_000, 604_800, 1_209_600,
];

/** From a round value at or below `lowest` to one at or above `highest`, in plain numbers. */
export function spanScale(lowest: number, highest: number, ticks = 6): Scale {
  const step = roundStep((highest - lowest) / ticks);
  const first = Math.floor(lowest / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(highest / step - 1e-9));
  const values = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  return {
    ...{ from: values[0]!, to: values.at(-1)!, ticks: values, unit: '' },
    labels: values.map((value) => decimal(value, 6)),
    labelExpr: "format(datum.value, ',.6~r')",
  };
}

/** 1, 2 or 5 times a power of ten, at or above the value. */
function roundStep(value: number): number {
  if (!(value > 0)) return 1;
  let power = 1;
  while (power > value) power /= 10;
  while (power * 10 <= value) power *= 10;
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-12))!;
  return Number((factor * power).toPrecision(3));
}

function upTo(highest: number, step: number, axis: { readonly unit: string; readonly size: number }): Scale {
  const count = Math.max(1, Math.ceil(highest / step - 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
  return {
    from: 0,
    to: ticks.at(-1)!,
    ticks,
    unit: axis.unit,
    labels: ticks.map((value) => decimal(value / axis.size, 6)),
    labelExpr: `format(datum.value / ${axis.size}, ',.6~r')`,
  };
}
