/*
 * Values with units, as a scenario file writes them: `250ms`, `1KB`, `400/s`, `1%`. A bare number is no quantity. Each
 * function answers null where the text is not one, or is larger than any run could use.
 */

export const DURATION_PATTERN = /^(\d{1,15}(?:\.\d{1,15})?)\s*(us|ms|s|m|h|d)$/;
export const SIZE_PATTERN = /^(\d{1,15}(?:\.\d{1,15})?)\s*(B|KB|MB|GB)$/;
export const RATE_PATTERN = /^(\d{1,15}(?:\.\d{1,15})?)\s*\/\s*(s|m|h)$/;
export const BYTE_RATE_PATTERN = /^(\d{1,15}(?:\.\d{1,15})?)\s*(B|KB|MB|GB)\s*\/\s*s$/;
export const PERCENT_PATTERN = /^(\d{1,3}(?:\.\d{1,15})?)\s*%$/;

const MICROSECONDS = { us: 1n, ms: 1_000n, s: 1_000_000n, m: 60_000_000n, h: 3_600_000_000n, d: 86_400_000_000n };
const BYTES = { B: 1n, KB: 1_024n, MB: 1_048_576n, GB: 1_073_741_824n };
const SECONDS = { s: 1, m: 60, h: 3_600 };

const LONGEST = 36_500 * 86_400_000_000; // a century: sums of a few of them still are exact
const LARGEST = 2 ** 40; // a terabyte
const FASTEST = 1e9; // records a second: ten thousand shards take a hundredth of it (K3)

/** Microseconds; a fraction of one is kept. At most 36,500 days. */
export function durationOf(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  return match && upTo(LONGEST, times(match[1]!, MICROSECONDS[match[2] as keyof typeof MICROSECONDS]));
}

/** Whole microseconds, of a text that is a duration. */
export function wholeDuration(text: string): number {
  return Math.round(durationOf(text)!);
}

/** Bytes; a fraction of one is kept. At most 1,024 GB. */
export function sizeOf(text: string): number | null {
  const match = SIZE_PATTERN.exec(text);
  return match && upTo(LARGEST, times(match[1]!, BYTES[match[2] as keyof typeof BYTES]));
}

/** A second. At most 1,000,000,000. */
export function rateOf(text: string): number | null {
  const match = RATE_PATTERN.exec(text);
  return match && upTo(FASTEST, Number(match[1]) / SECONDS[match[2] as keyof typeof SECONDS]);
}

/** Bytes a second. */
export function byteRateOf(text: string): number | null {
  const match = BYTE_RATE_PATTERN.exec(text);
  return match && upTo(LARGEST, times(match[1]!, BYTES[match[2] as keyof typeof BYTES]));
}

/** 1 for 100 %, which is the most. */
export function shareOf(text: string): number | null {
  const match = PERCENT_PATTERN.exec(text);
  return match && upTo(1, Number(`${match[1]}e-2`));
}

function upTo(most: number, value: number): number | null {
  return value <= most ? value : null;
}

/** A decimal times a whole number, in integers: 0.1 · 1,000 is 100, and 1.005 · 1,000,000 is 1,005,000. */
function times(decimal: string, unit: bigint): number {
  const [whole = '', fraction = ''] = decimal.split('.');
  const scale = 10n ** BigInt(fraction.length);
  const product = BigInt(whole + fraction) * unit;
  return Number(product / scale) + Number(product % scale) / Number(scale);
}
