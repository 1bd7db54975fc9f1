import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, the longest first. A fresh clone has no times of an earlier run to go by. */
const LONGEST = [
  'scenarios/golden',
  'readme',
  'reference/differential',
  'laws/laws',
  'cli/run',
  'cli/memory',
  'report/explain/advice',
  'cli/handlers',
  'testing/scenarios',
  'cli/replications',
  'cli/init',
  'report/explain/explain.property',
  'report/explain/explain',
  'cli/explain',
  'testing/check-handler',
  'cli/sweep',
  'sim/steady-path',
  'sim/lambda/bisect',
  'sim/lambda/scaling',
];

/** No worker is to be left alone with a long file at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const known = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return known < 0 ? LONGEST.length : known;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 180_000,
    maxWorkers: '100%',
    // Nothing that is loaded keeps anything, so that each worker loads it once, and not for every file.
    isolate: false,
    // A trace that a test keeps is copied less often before it counts as old.
    execArgv: ['--max-semi-space-size=64'],
    sequence: { sequencer: LongestFirst },
    reporters: ['default'],
  },
});
