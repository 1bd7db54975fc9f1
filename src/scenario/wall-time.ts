import { HOUR, MINUTE, SECOND } from '../kernel/time.ts';

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(Z|UTC|[+-][01]\d:?[0-5]\d)?$/i;
const UNIX = /^(\d{1,10})(?:\.(\d+))?$/;

/**
 * A moment of wall time in microseconds since the Unix epoch: ISO 8601, with a blank for the T as CSV files have it,
 * UTC without a zone, digits past the microsecond dropped; or Unix seconds. Null where the text is neither.
 */
export function wallTimeOf(text: string): number | null {
  const time = unixTime(text.trim()) ?? calendarTime(text.trim());
  return time === null || !Number.isSafeInteger(time) ? null : time;
}

function unixTime(text: string): number | null {
  const match = UNIX.exec(text);
  return match && Number(match[1]) * SECOND + microseconds(match[2]);
}

function calendarTime(text: string): number | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction, zone] = match;
  const days = daysFromEpoch(Number(year), Number(month), Number(day));
  if (days === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const time = Number(hour) * HOUR + Number(minute) * MINUTE + Number(second) * SECOND + microseconds(fraction);
  return days * 24 * HOUR + time - offsetOf(zone);
}

function microseconds(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.padEnd(6, '0').slice(0, 6));
}

function offsetOf(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const offset = Number(zone.slice(1, 3)) * HOUR + Number(zone.slice(-2)) * MINUTE;
  return zone.startsWith('-') ? -offset : offset;
}

/** Of the Gregorian calendar, by years that begin in March; null for a date that does not exist. */
function daysFromEpoch(year: number, month: number, day: number): number | null {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1]!) return null;
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
