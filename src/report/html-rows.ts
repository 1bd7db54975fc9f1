import type { JsonObject, JsonValue } from '../scenario/scenario.ts';
import type { VegaSpec } from './draw.ts';

/**
 * A specification as a page holds it: long tables of a chart's data by their columns, whose names then stand there once,
 * and values that come again as places in a list. `UNPACK_SCRIPT` makes the same specification of it.
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
        values.forEach(function (row, index) {
          row[column.name] = column.of ? column.of[column.values[index]] : column.values[index];
        });
      });
      table.values = values;
      delete table.columns;
      delete table.rows;
    });
    return spec;
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
  if (places.size > values.length / 2) return { values };
  return { of: [...places.keys()], values: values.map((value) => places.get(value)!) };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
