import { expect, test } from 'vitest';
import { beyondEnd } from '../../../src/report/charts/time-range.ts';

const run = { measured: { fromSeconds: 0, toSeconds: 180 } };

test('what was asked for beyond the end of the run is said, and what lies in it is not', () => {
  expect(beyondEnd(run, { fromSeconds: 180, toSeconds: 600 })).toMatch(
    /^the run ends at 3 m, .* from 3 m on: .* whole/,
  );
  expect(beyondEnd(run, { fromSeconds: 60, toSeconds: 600 })).toMatch(/^the run ends at 3 m, .* up to 10 m: /);
  for (const options of [{}, { fromSeconds: 60 }, { toSeconds: 180 }]) expect(beyondEnd(run, options)).toBeNull();
});
