import { setFlagsFromString } from 'node:v8';

/**
 * V8 spends memory to save time, by rules made for servers: it lets the young generation grow while programs are merely
 * read, and garbage to four times what is in use before it looks for it. The flags are the whole process's, its threads
 * included, and are read whenever a heap might grow.
 */
export function keepHeapSmall(when: 'whileLoading' | 'whileRunning'): void {
  setFlagsFromString(`--semi-space-growth-factor=${when === 'whileLoading' ? 1 : 2}`);
  setFlagsFromString('--heap-growing-percent=100');
}

/**
 * Megabytes for the young generation of a run's thread: what a run throws away dies here, most of it. With a third less the
 * arrivals of a second live long enough to count as old, and a day behind one poison record takes two and a half times as long.
 */
export const RUN_YOUNG_GENERATION = 9;
