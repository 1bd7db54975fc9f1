/** Figures as people read them: the same in every place and every locale, a point for decimals, commas in thousands. */

/** A whole number: 12,345. */
export function whole(value: number): string {
  return decimal(Math.round(value), 16);
}

/** To so many significant digits, those before the point all kept: 0.25, 12.5, 1,234. */
export function decimal(value: number, digits = 3): string {
  const rounded = Math.abs(value) >= 10 ** (digits - 1) ? Math.round(value) : Number(value.toPrecision(digits));
  const [before = '', after] = withoutExponent(Math.abs(rounded)).split('.');
  const grouped = before.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${rounded < 0 ? '-' : ''}${grouped}${after === undefined ? '' : `.${after}`}`;
}

/** '1 record', '12,345 records'. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${whole(count)} ${count === 1 ? noun : plural}`;
}

/** A share, 1 for all: '12 %'. Neither a small part nor nearly all is rounded away: '<0.1 %', '99.98 %'. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return '<0.1 %';
  if (value > 99 && value < 100) return `${shortOfAll(value)} %`;
  return `${value < 10 ? decimal(value, 2) : whole(value)} %`;
}

/** At most two units, the first as large as it reads well: 850 ms, 12.5 s, 4 m 10 s, 24 h 3 m, 2 d 4 h. */
export function duration(milliseconds: number): string {
  if (milliseconds < 0) return `-${duration(-milliseconds)}`;
  if (milliseconds === 0) return '0 s';
  if (milliseconds < 0.0005) return '<0.001 ms';
  if (milliseconds < 999.5) return `${decimal(Math.max(milliseconds, 0.001))} ms`;
  if (milliseconds < 59_950) return `${decimal(milliseconds / SECOND)} s`;
  if (milliseconds < HOUR - SECOND / 2) return twoUnits(milliseconds, [MINUTE, 'm'], [SECOND, 's']);
  if (milliseconds < 48 * HOUR - MINUTE / 2) return twoUnits(milliseconds, [HOUR, 'h'], [MINUTE, 'm']);
  return twoUnits(milliseconds, [DAY, 'd'], [HOUR, 'h']);
}

/** The same for a time in seconds. */
export function seconds(value: number): string {
  return duration(value * SECOND);
}

/** The length of a period as titles say it: 60 s as CloudWatch has it, else as any other time. */
export function period(value: number): string {
  return value === 60 ? '60 s' : seconds(value);
}

/** A moment of the run as a clock that starts with it: hours, minutes and seconds, 26:15:00. */
export function clock(instantSeconds: number): string {
  const thousandths = Math.round(instantSeconds * SECOND);
  const wholeSeconds = Math.floor(thousandths / SECOND);
  const two = (value: number) => String(value).padStart(2, '0');
  const fraction = thousandths % SECOND === 0 ? '' : `.${String(thousandths % SECOND).padStart(3, '0')}`;
  return `${Math.floor(wholeSeconds / 3_600)}:${two(Math.floor(wholeSeconds / 60) % 60)}:${two(wholeSeconds % 60)}${fraction}`;
}

/** To the microsecond: '1 m 0.02 s', '24 h 3 m'. */
export function exactDuration(milliseconds: number): string {
  if (milliseconds < SECOND) return duration(milliseconds) === '0 s' ? '0 s' : `${trimmed(milliseconds, 3)} ms`;
  const parts: string[] = [];
  let rest = Math.round(milliseconds * 1_000);
  for (const [size, name] of EXACT_UNITS) {
    const amount = Math.floor(rest / (1_000 * size));
    rest -= amount * 1_000 * size;
    if (amount > 0 && name !== 's') parts.push(`${whole(amount)} ${name}`);
    if (name === 's' && (amount > 0 || rest > 0)) parts.push(`${trimmed(amount + rest / 1e6, 6)} s`);
  }
  return parts.join(' ');
}

/** 1 KB is 1,024 B. */
export function bytes(value: number): string {
  const [size, name] = BYTE_UNITS.find(([least]) => value >= least) ?? [1, 'B'];
  const scaled = decimal(value / size);
  // 1,023.9 KB reads as the next unit.
  return scaled === '1,024' && name !== 'TB' ? bytes(size * 1_024) : `${scaled} ${name}`;
}

/** To the cent: '$1,234.50', '12.00 EUR'. A small amount is not rounded away: '<$0.01'. */
export function money(value: number, currency: string): string {
  if (value > 0 && value < 0.005) return `<${money(0.01, currency)}`;
  const [before = '', cents = ''] = value.toFixed(2).split('.');
  const amount = `${before.replaceAll(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
  return currency === 'USD' ? `$${amount}` : `${amount} ${currency}`;
}

/** A moment of the run by its distance from the start: 'at 1 h 20 m'. */
export function at(instantSeconds: number): string {
  return `at ${seconds(instantSeconds)}`;
}

/** 'shard 0' for shardId-000000000000. */
export function shardName(shardId: string): string {
  const number = /^shardId-0*(\d+)$/.exec(shardId)?.[1];
  return number === undefined ? shardId : `shard ${number}`;
}

/** 'both' or 'all 12', of more than one. */
export function allOf(count: number): string {
  return count === 2 ? 'both' : `all ${whole(count)}`;
}

/** As a sentence begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** 'a', 'a and b', 'a, b and c'. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** 'a', 'a or b', 'a, b or c'. */
export function alternatives(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}

/** In milliseconds. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EXACT_UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
] as const;

const BYTE_UNITS = [
  [1_024 ** 4, 'TB'],
  [1_024 ** 3, 'GB'],
  [1_024 ** 2, 'MB'],
  [1_024, 'KB'],
] as const;

type Unit = readonly [size: number, name: string];

function twoUnits(milliseconds: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const smalls = Math.round(milliseconds / small);
  const each = large / small;
  const rest = smalls % each;
  return `${whole(Math.floor(smalls / each))} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** A word as one can paste it into a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Between 99 and 100, with as many nines as it takes to stay below. */
function shortOfAll(value: number): string {
  const text = [0, 1].map((places) => value.toFixed(places)).find((rounded) => Number(rounded) < 100);
  return text ?? String(Math.floor(100 * value) / 100);
}

function trimmed(value: number, places: number): string {
  return String(Number(value.toFixed(places)));
}

function withoutExponent(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return value < 1 ? value.toFixed(20).replace(/\.?0+$/, '') : BigInt(value).toString();
}
