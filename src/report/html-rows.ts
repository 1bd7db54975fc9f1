import type { JsonObject, JsonValue } from '../scenario/scenario.ts';
import type { VegaSpec } from './draw.ts';

/**
 * A specification as a page holds it: long tables of a chart's data by their columns, whose names then stand there once,
 * values that come again as places in a list, and whole numbers as steps from one to the next where that is shorter.
 * `UNPACK_SCRIPT` makes the same specification of it.
 */
export function packed(spec: VegaSpec): JsonObject {
  const { data, ...rest } = spec as unknown as JsonObject;
  return Array.isArray(data) ? { ...rest, data: data.map(packedTable) } : { ...rest, ...(data ? { data } : {}) };
}

/** Defines `unpacked(spec)`, which turns the columns of its argument into rows again. */
export const UNPACK_SCRIPT = `
  function unpacked(spec) {
    (spec.data || []).forEach(function (table) {
      if (!table.columns) return;
      var values = Array.from({ length: table.rows }, function () { return {}; });
      table.columns.forEach(function (column) {
        var all = column.values || summed(column.steps);
        var of = column.of || (column.ofSteps && summed(column.ofSteps));
        values.forEach(function (row, index) {
          row[column.name] = of ? of[all[index]] : all[index];
        });
      });
      table.values = values;
      delete table.columns;
      delete table.rows;
    });
    return spec;
  }
  function summed(steps) {
    var sum = 0;
    return steps.map(function (step) { return (sum += step); });
  }
`;

/** Of fewer rows the names weigh little. */
const FEWEST_ROWS = 20;

function packedTable(table: JsonValue): JsonValue {
  if (!isObject(table) || !Array.isArray(table.values) || table.values.length < FEWEST_ROWS) return table;
  const { values, ...rest } = table;
  const rows = values as readonly JsonValue[];
  const [first] = rows;
  if (!isObject(first!)) return table;
  const names = Object.keys(first);
  const form = names.join('\n');
  const isEven = rows.every((row) => isObject(row) && Object.keys(row).join('\n') === form);
  if (!isEven) return table;
  const columns = names.map((name) => ({ name, ...packedColumn(rows.map((row) => (row as JsonObject)[name]!)) }));
  return { ...rest, rows: rows.length, columns };
}

function packedColumn(values: readonly JsonValue[]): JsonObject {
  const places = new Map<JsonValue, number>();
  for (const value of values) if (!places.has(value)) places.set(value, places.size);
  // An object is equal to itself only, and then nothing comes again.
  if (places.size > values.length / 2) return shorter(values, 'values', 'steps');
  return {
    ...shorter([...places.keys()], 'of', 'ofSteps'),
    ...shorter(
      values.map((value) => places.get(value)!),
      'values',
      'steps',
    ),
  };
}

/** A list under its name, or as steps from 0 on under another. */
function shorter(values: readonly JsonValue[], name: string, nameOfSteps: string): JsonObject {
  if (!values.every((value) => Number.isSafeInteger(value))) return { [name]: values };
  const numbers = values as readonly number[];
  const steps = numbers.map((value, index) => value - (numbers[index - 1] ?? 0));
  return JSON.stringify(steps).length < JSON.stringify(numbers).length ? { [nameOfSteps]: steps } : { [name]: values };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
