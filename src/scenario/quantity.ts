/*
 * Values with units, as a scenario file writes them: `250ms`, `1KB`, `400/s`, `1%`. A bare number is no quantity. Each
 * function answers null where the text is not one.
 */

export const DURATION_PATTERN = /^(\d+(?:\.\d+)?)\s*(us|ms|s|m|h|d)$/;
export const SIZE_PATTERN = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/;
export const RATE_PATTERN = /^(\d+(?:\.\d+)?)\s*\/\s*(s|m|h)$/;
export const BYTE_RATE_PATTERN = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)\s*\/\s*s$/;
export const PERCENT_PATTERN = /^(\d+(?:\.\d+)?)\s*%$/;

const MICROSECONDS = { us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9, d: 8.64e10 } as const;
const BYTES = { B: 1, KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 } as const;
const SECONDS = { s: 1, m: 60, h: 3_600 } as const;

/** Microseconds; a fraction of one is kept. */
export function durationOf(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  return match && times(match[1]!, MICROSECONDS[match[2] as keyof typeof MICROSECONDS]);
}

/** Bytes; a fraction of one is kept. */
export function sizeOf(text: string): number | null {
  const match = SIZE_PATTERN.exec(text);
  return match && times(match[1]!, BYTES[match[2] as keyof typeof BYTES]);
}

/** A second. */
export function rateOf(text: string): number | null {
  const match = RATE_PATTERN.exec(text);
  return match && Number(match[1]) / SECONDS[match[2] as keyof typeof SECONDS];
}

/** Bytes a second. */
export function byteRateOf(text: string): number | null {
  const match = BYTE_RATE_PATTERN.exec(text);
  return match && times(match[1]!, BYTES[match[2] as keyof typeof BYTES]);
}

/** 1 for 100 %. */
export function shareOf(text: string): number | null {
  const match = PERCENT_PATTERN.exec(text);
  return match && Number(match[1]) / 100;
}

/** A decimal times a whole number, exact wherever the product is whole: 0.1 · 1,000 is 100. */
function times(decimal: string, unit: number): number {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return Number(whole) * unit + (Number(fraction || '0') * unit) / 10 ** fraction.length;
}
