import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface SeededBug {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const BUGS = JSON.parse(readFileSync('test/seeded-bugs/bugs.json', 'utf8')) as readonly SeededBug[];

describe('seeded bugs', () => {
  it('are twenty, and each can still be written into its file', () => {
    expect(BUGS).toHaveLength(20);
    const places = BUGS.map(({ file, from, what }) => [what, readFileSync(file, 'utf8').split(from).length - 1]);
    expect(places.filter(([, count]) => count !== 1)).toEqual([]);
  });
});
