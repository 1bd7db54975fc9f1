/** How often each property is tried: SHARDCLOCK_RUNS=20 npm run laws tries them twenty times as often as a test run does. */
const FACTOR = Number(process.env.SHARDCLOCK_RUNS ?? 1);

export function runs(number: number): number {
  return Math.round(number * FACTOR);
}

/** Milliseconds that a test with so many may take. */
export function timeout(milliseconds: number): number {
  return milliseconds * Math.max(1, FACTOR);
}
