import { DAY, HOUR, MILLISECOND, MINUTE, SECOND } from './time.ts';

/**
 * An instant of wall time as ISO 8601 in UTC, with milliseconds where there are any: '2026-01-05T09:00:00Z'.
 *
 * @param microseconds since the Unix epoch
 */
export function isoTime(microseconds: number): string {
  const days = Math.floor(microseconds / DAY);
  const { year, month, day } = dateOf(days);
  const within = microseconds - days * DAY;
  const milliseconds = Math.floor((within % SECOND) / MILLISECOND);
  const time = [
    Math.floor(within / HOUR),
    Math.floor((within % HOUR) / MINUTE),
    Math.floor((within % MINUTE) / SECOND),
  ];
  const fraction = milliseconds === 0 ? '' : `.${digits(milliseconds, 3)}`;
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}T${time.map((part) => digits(part, 2)).join(':')}${fraction}Z`;
}

/** The Gregorian date of a day counted from 1970-01-01, by whole eras of 400 years that begin in March. */
function dateOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468; // from 0000-03-01
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
