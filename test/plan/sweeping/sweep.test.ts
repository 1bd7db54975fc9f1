import { describe, expect, test } from 'vitest';
import { readFigureName } from '../../../src/plan/figure-name.ts';
import type { HeadlineFigure } from '../../../src/plan/headline.ts';
import { replicate } from '../../../src/plan/replicating/replicate.ts';
import type { RunMany } from '../../../src/plan/run-many.ts';
import { oneByOne } from '../../../src/plan/run-many.ts';
import { settingNames } from '../../../src/plan/setting-words.ts';
import type { Grid } from '../../../src/plan/sweeping/grid.ts';
import { parseGrid } from '../../../src/plan/sweeping/grid.ts';
import { metAfter, readPrecisionGoal } from '../../../src/plan/sweeping/precision.ts';
import type { RunMemory } from '../../../src/plan/sweeping/sweep.ts';
import { SweepError, sweep, sweepPart } from '../../../src/plan/sweeping/sweep.ts';
import { mergeParts, sweepPartJson, sweepPartProblems } from '../../../src/plan/sweeping/sweep-part.ts';
import { summariseSweep } from '../../../src/plan/sweeping/sweep-result.ts';
import { sweepCsv, sweepJson, sweepMarkdown } from '../../../src/plan/sweeping/sweep-table.ts';
import { sweepText } from '../../../src/plan/sweeping/sweep-text.ts';
import type { RunFigures } from '../../../src/plan/sweeping/swept-run.ts';
import { resultProblems } from '../../../src/report/result-schema.ts';
import { summarise } from '../../../src/report/summarise.ts';
import { formatIssue } from '../../../src/scenario/issue.ts';
import { simulateSync } from '../../../src/sim/simulate.ts';
import { meanInterval } from '../../../src/statistics/interval.ts';

/** A few seconds in which some invocations fail. */
const DOCUMENT = {
  shardclock: 1,
  name: 'unsteady',
  seed: 'a',
  duration: '8s',
  drain: '10s',
  polling: { phase: 'aligned' },
  streams: { s: { ShardCount: 1 } },
  producers: { p: { stream: 's', rate: '20/s' } },
  functions: { f: { duration: '100ms', faults: [{ probability: '20%' }] } },
  mappings: { m: { stream: 's', function: 'f', StartingPosition: 'TRIM_HORIZON' } },
  thresholds: { IteratorAge: ['max < 2s'] },
};
const VARY = ['mappings.m.BatchSize=5,50', 'streams.s.ShardCount=1..2'];
const FIXED = { replications: 3 };
const UNTIL = { replications: 12, until: [goal('IteratorAge p99=38%')] };

function gridOf(vary: readonly string[] = VARY, document: object = DOCUMENT): Grid {
  const read = parseGrid(JSON.stringify(document), { readFile: () => new Uint8Array(), vary });
  if (!read.ok) throw new Error(read.issues.map(formatIssue).join('\n'));
  return read.grid;
}

function goal(text: string) {
  const read = readPrecisionGoal(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

describe('a sweep', () => {
  test('runs replication i with the same seed at every point, and each as if it were alone (D3)', async () => {
    const grid = gridOf();
    const { points, axes } = await sweep(grid, FIXED);
    expect(axes.map(({ values }) => values)).toEqual([
      [5, 50],
      [1, 2],
    ]);
    expect(points.map(({ values }) => values)).toEqual([
      [5, 1],
      [5, 2],
      [50, 1],
      [50, 2],
    ]);
    for (const [index, point] of points.entries()) {
      expect(point.replications.map(({ seed }) => seed)).toEqual(['a', 'a/2', 'a/3']);
      const alone = await replicate(grid.points[index]!.scenario, { replications: 3 });
      expect(point).toMatchObject({ metrics: alone.metrics, thresholds: alone.thresholds });
    }
  });

  test.each([
    ['a number of replications', FIXED],
    ['goals', UNTIL],
  ])('with %s says the same in parts, whoever runs what beside what, with or without memory', async (_, options) => {
    const grid = gridOf(['mappings.m.BatchSize=5,50']);
    const whole = sweepJson(await sweep(grid, options));
    const memory = memoryOf();
    const parts = [];
    for (const number of [3, 1, 2]) {
      const part = await sweepPart(grid, { ...options, memory, part: { number, of: 3 } });
      expect(sweepPartProblems(JSON.parse(sweepPartJson(part)))).toEqual([]);
      parts.push(JSON.parse(sweepPartJson(part)));
    }
    const merged = mergeParts(parts);
    expect(merged.ok && sweepJson(merged.sweep)).toBe(whole);
    // All of it is remembered, so nothing is run.
    const again = await sweep(grid, { ...options, memory, runMany: nothing });
    expect(sweepJson(again)).toBe(whole);
    expect(sweepJson(await sweep(grid, { ...options, runMany: eager }))).toBe(whole);
  });

  test('with goals ends each point at the first replication that meets them', async () => {
    const { points } = await sweep(gridOf(['mappings.m.BatchSize=5,50']), UNTIL);
    for (const { metrics, complete, replications } of points) {
      const column = metrics.findIndex(
        ({ metric, statistic }) => `${metric} ${statistic}` === 'IteratorAge{mapping:m} p99',
      );
      const widths = replications.map((_, index) => {
        const { mean, low, high } = meanInterval(replications.slice(0, index + 1).map(({ values }) => values[column]!));
        return index < 9 ? 1 : (high! - low!) / 2 / mean!;
      });
      const first = widths.findIndex((width) => width <= 0.38) + 1;
      expect(complete).toBe(first === 0 ? 12 : first);
    }
    expect(new Set(points.map(({ complete }) => complete)).size).toBe(2);
    const short = await sweep(gridOf(['mappings.m.BatchSize=50']), {
      replications: 3,
      until: [goal('IteratorAge p99=1%')],
    });
    expect(short.warnings).toEqual([
      '3 replications are too few for IteratorAge p99 to 1 % at 1 of 1 point: -n allows more.',
    ]);
  });

  test('that is interrupted says what ran to its end, and a second one goes on from there', async () => {
    const grid = gridOf();
    const memory = memoryOf();
    const whole = sweepJson(await sweep(grid, FIXED));
    const cut = await sweep(grid, { ...FIXED, memory, runMany: endingAfter(5) });
    expect(cut).toMatchObject({ partial: true });
    expect(cut.points.map(({ complete, partial }) => [complete, partial])).toEqual([
      [3, false],
      [2, true],
      [0, true],
      [0, true],
    ]);
    expect(sweepText(cut)).toContain('Interrupted: 5 runs to the end, which is what follows; 1 of 4 points complete.');
    expect(sweepJson(await sweep(grid, { ...FIXED, memory }))).toBe(whole);
    const part = await sweepPart(grid, { ...FIXED, part: { number: 1, of: 1 }, runMany: endingAfter(5) });
    expect(mergeParts([part])).toMatchObject({
      ok: false,
      problems: [{ part: 0, message: expect.stringContaining('interrupted') }],
    });
  });

  test('that fails says at which point and seed, and throws what was thrown', async () => {
    const failing: RunMany = async function* run(scenarios) {
      let count = 0;
      for (const scenario of scenarios) {
        if (++count === 5) throw new Error('out of order');
        yield summarise(simulateSync(scenario));
      }
    };
    const error = await sweep(gridOf(), { ...FIXED, runMany: failing }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(SweepError);
    expect(error.message).toBe('BatchSize 5, ShardCount 2, seed a/2: out of order');
    expect(error.cause.message).toBe('out of order');
  });

  test('is asked for whole numbers of runs, real parts and mappings that there are', async () => {
    const grid = gridOf(['mappings.m.BatchSize=5']);
    await expect(sweep(grid, { replications: 0 })).rejects.toThrow('replications: expected a whole number from 1');
    await expect(sweepPart(grid, { part: { number: 3, of: 2 } })).rejects.toThrow(
      'part: expected a whole number from 1 to 2',
    );
    await expect(sweep(grid, { until: [goal('IteratorAge{mapping:n} p99=5%')] })).rejects.toThrow(
      "until: there is no mapping 'n'",
    );
  });
});

describe('parts', () => {
  test('of different sweeps, twice the same or not all of them are not joined', async () => {
    const grid = gridOf(['mappings.m.BatchSize=5,50']);
    const options = { replications: 2, part: { number: 1, of: 3 } };
    const one = await sweepPart(grid, options);
    const problemsOf = (...others: Parameters<typeof mergeParts>[0]) => {
      const merged = mergeParts([one, ...others]);
      return merged.ok ? [] : merged.problems.map(({ part, message }) => `${part} ${message}`);
    };
    expect(problemsOf(one)).toEqual([
      '1 is part 1 of 3, which was given already',
      'null of 3 parts there is no part 2, 3',
    ]);
    const seed = await sweepPart(gridOf(['mappings.m.BatchSize=5,50'], { ...DOCUMENT, seed: 'b' }), options);
    expect(problemsOf({ ...seed, part: { number: 2, of: 3 } })[0]).toContain(
      "its scenario or seed differs from the first's",
    );
    const dearer = { ...one, part: { number: 2, of: 3 }, runs: one.runs.map((run) => ({ ...run, prices: null })) };
    expect(problemsOf(dearer)[0]).toContain('its price list differs');
    expect(problemsOf({ ...one, part: { number: 2, of: 4 } })[0]).toBe('1 is part 2 of 4; the first is one of 3');
    expect(problemsOf(JSON.parse('{}'))).toEqual(['1 is no part of a sweep']);
  });

  test('of another shape are told from parts', () => {
    const pathsOf = (value: object) => sweepPartProblems(value).map(({ path }) => path.join('.'));
    expect(pathsOf({ formatVersion: 1, kind: 'sweep' })).toEqual(['kind']);
    expect(pathsOf({ formatVersion: 1, kind: 'sweep part', part: { number: 1, of: 0 } })).toContain('part.of');
    expect(sweepPartProblems(null)).not.toEqual([]);
  });
});

describe('a grid', () => {
  test('says once what is wrong at some of its points, and where', () => {
    const read = parseGrid(JSON.stringify(DOCUMENT), {
      readFile: () => new Uint8Array(),
      vary: [
        'mappings.m.TumblingWindowInSeconds=0,30',
        'mappings.m.ParallelizationFactor=1,2',
        'streams.s.ShardCount=1,2',
      ],
    });
    expect(read.ok ? [] : read.issues.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /got 2 \(at 2 of the 8 grid points, the first TumblingWindowInSeconds 30, ParallelizationFactor 2, ShardCount 1\)$/,
      ),
    ]);
  });

  test('is refused with all that is wrong, in the file and in what is varied', () => {
    const read = parseGrid(JSON.stringify({ ...DOCUMENT, duration: 5 }), {
      readFile: () => new Uint8Array(),
      vary: ['mappings.m.BatchSiz=1,2', 'seed=1'],
    });
    const files = read.ok ? [] : read.issues.map(({ file, path }) => `${file} ${path}`);
    expect(files).toEqual(['scenario duration', '--vary mappings.m.BatchSiz', '--vary ']);
  });
});

test('settings are named by their last step, or by what tells them apart', () => {
  expect(settingNames(['mappings.m.BatchSize', 'streams.s.ShardCount'])).toEqual(['BatchSize', 'ShardCount']);
  expect(settingNames(['mappings.m.BatchSize', 'mappings.n.BatchSize'])).toEqual(['m.BatchSize', 'n.BatchSize']);
  expect(settingNames(['duration', 'functions.f.duration', 'timeline[1].at'])).toEqual([
    'duration',
    'f.duration',
    'at',
  ]);
});

describe('a figure', () => {
  test.each([
    ['IteratorAge p99', { metric: 'IteratorAge', statistic: 'p99', mapping: null }],
    ['IteratorAge{mapping:a b} p50', { metric: 'IteratorAge', statistic: 'p50', mapping: 'a b' }],
    ['cost.month avg', { metric: 'cost.month', statistic: 'avg', mapping: null }],
    ['cost.month', { metric: 'cost.month', statistic: 'avg', mapping: null }],
  ])('is named %s', (text, name) => {
    expect(readFigureName(text)).toEqual(name);
  });

  test.each([
    ['IteratorAge', 'expected a statistic of IteratorAge: '],
    ['IteratorAge p99 p50', 'expected a figure'],
    ['cost', "unknown figure 'cost'"],
    ['IteratorAg p99', "did you mean 'IteratorAge p99'?"],
    ['cost.month{mapping:m} avg', 'is of the whole run'],
  ])('is not %s', (text, message) => {
    expect(readFigureName(text)).toContain(message);
  });

  test.each(['IteratorAge p99', 'IteratorAge p99=0%', 'IteratorAge p99=100%', 'IteratorAge p99=5'])(
    'has no goal %s',
    (text) => {
      expect(readPrecisionGoal(text)).toContain('expected a');
    },
  );

  test('without a value in some run meets no goal; one that is the same in all meets every', () => {
    const runs = (values: readonly (number | null)[]) =>
      values.map((value) => ({
        figures: [
          { metric: 'IteratorAge{mapping:m}', statistic: 'p99', mapping: 'm', unit: 'Milliseconds', value },
        ] satisfies HeadlineFigure[],
      }));
    const goals = [goal('IteratorAge p99=5%')];
    expect(metAfter(runs(Array.from({ length: 12 }, () => 0)), goals)).toBe(10);
    expect(metAfter(runs([null, ...Array.from({ length: 40 }, () => 5)]), goals)).toBe(null);
    expect(metAfter(runs(Array.from({ length: 9 }, () => 5)), goals)).toBe(null);
  });
});

describe('what a sweep says', () => {
  test('is a row a point, with the front of those that meet the thresholds', async () => {
    const result = await sweep(gridOf(), FIXED);
    const { points } = result;
    const good = points.filter(({ thresholdsMet, complete }) => thresholdsMet === complete);
    expect(points.filter(({ onFront }) => onFront).every((point) => good.includes(point))).toBe(true);
    const text = sweepText(result);
    expect(text).toMatch(
      /^unsteady\n4 points, 3 replications of 8 s at each, the same seeds at all: a, a\/2 to a\/3\n/,
    );
    expect(text).toMatch(/^ {2}5 +1 +[✓✗] .* ± .* \$[\d.]+/m);
    for (const width of [40, 60, 80]) {
      const lines = sweepText(result, {
        width,
        figures: [readFigure('IteratorAge max'), readFigure('Errors sum')],
      }).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    const rows = sweepCsv(result).trimEnd().split('\r\n');
    expect(rows.map((row) => row.split(',').slice(0, 3).join(' '))).toEqual([
      'mappings.m.BatchSize streams.s.ShardCount replications',
      '5 1 3',
      '5 2 3',
      '50 1 3',
      '50 2 3',
    ]);
    expect(new Set(rows.map((row) => row.split(',').length)).size).toBe(1);
    expect(sweepMarkdown(result)).toMatch(/^\| 50 \| 2 \| [✓✗] /m);
    expect(JSON.parse(sweepJson(result))).toEqual(result);
    expect(resultProblems(result)).toEqual([{ path: ['kind'], message: expect.stringContaining('that of a sweep') }]);
  });

  test('where the front goes is where nothing is both cheaper and younger', async () => {
    const { points } = await sweep(gridOf(VARY, { ...DOCUMENT, thresholds: {} }), FIXED);
    const of = (index: number, name: string) =>
      points[index]!.metrics.find(({ metric, statistic }) => `${metric} ${statistic}` === name)!.mean!;
    const places = points.map(
      (_, index) => [of(index, 'cost.month avg'), of(index, 'IteratorAge{mapping:m} p99')] as const,
    );
    points.forEach(({ onFront }, index) => {
      const [cost, age] = places[index]!;
      expect(onFront).toBe(!places.some(([c, a]) => c <= cost && a <= age && (c < cost || a < age)));
    });
    expect(points.some(({ onFront }) => onFront)).toBe(true);
    expect(points.every(({ onFront }) => onFront)).toBe(false);
  });
});

test('a figure of fewer runs than there are says of how many', async () => {
  const slow = '{ lognormal: { median: 20s, p99: 200s } }';
  const functions = { f: { Timeout: 900, duration: '100ms' } };
  const grid = gridOf([`functions.f.duration=100ms,${slow}`], { ...DOCUMENT, drain: '0s', functions });
  const result = await sweep(grid, { replications: 6 });
  const { count } = result.points[1]!.metrics.find(({ statistic }) => statistic === 'p99')!;
  expect(count).toBeGreaterThan(0);
  expect(sweepText(result)).toMatch(new RegExp(`\\(${count} of 6\\)`));
  expect(sweepText(result)).toContain('(2 of 10): in so many of the runs there are samples');
  expect(sweepMarkdown(result)).toContain('; (2 of 10): in so many');
});

test('a point that cannot keep up is marked, in the table, as Markdown and as CSV', async () => {
  const document = { ...DOCUMENT, duration: '30s', thresholds: {}, functions: { f: { duration: '900ms' } } };
  const result = await sweep(gridOf(['mappings.m.BatchSize=1,100'], document), { replications: 2 });
  expect(result.points.map(({ behind }) => behind)).toEqual([2, 0]);
  expect(sweepText(result)).toMatch(/^ {2}1 .*!$\n^ {2}100 .*\*$/m);
  expect(sweepText(result)).toContain('!: cannot keep up: its backlog still grows at the end');
  expect(sweepMarkdown(result)).toMatch(/^\| 1 \| .* \| ! \|$/m);
  expect(sweepMarkdown(result)).toContain('; !: cannot keep up');
  expect(sweepCsv(result).split('\r\n')[0]).toMatch(/onFront,behind,/);
});

describe('the warm-up', () => {
  /** Records wait a minute for the first environment: of six minutes, two go by until they are worked off. */
  const COLD = {
    ...DOCUMENT,
    duration: '6m',
    period: '10s',
    producers: { p: { stream: 's', rate: '4/s', arrivals: 'even' } },
    functions: { f: { duration: '200ms', coldStart: '60s' } },
    thresholds: {},
  };

  test('that leaves the beginning unlike the rest is warned of, and not where it is long enough', async () => {
    const { warnings } = await sweep(gridOf(['warmup=0s,3m'], COLD), FIXED);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The warm-up looks too short at 1 of 2 points: .*worst: m, warmup 0s: .* in the first fifth, .* Set a longer warmup\.$/,
      ),
    ]);
  });

  test('is no matter where a fault or other traffic makes the difference', async () => {
    const functions = { f: { ...COLD.functions.f, faults: [{ from: '10s', to: '40s' }] } };
    expect((await sweep(gridOf(['warmup=0s'], { ...COLD, functions }), FIXED)).warnings).toEqual([]);
    const phases = [
      { duration: '1m', rate: '3/s' },
      { duration: '5m', rate: '4/s' },
    ];
    const producers = { p: { stream: 's', phases, arrivals: 'even' } };
    expect((await sweep(gridOf(['warmup=0s'], { ...COLD, producers }), FIXED)).warnings).toEqual([]);
  });
});

function readFigure(text: string) {
  const name = readFigureName(text);
  if (typeof name === 'string') throw new Error(name);
  return name;
}

/** Remembers through JSON, as files do. */
function memoryOf(): RunMemory {
  const known = new Map<string, string>();
  return {
    recall: ({ source }) => {
      const text = known.get(source.sha256);
      return text === undefined ? null : (JSON.parse(text) as RunFigures);
    },
    keep: ({ source }, figures) => {
      known.set(source.sha256, JSON.stringify(figures));
    },
  };
}

function nothing(): never {
  throw new Error('nothing was to be run');
}

/** Takes all scenarios before the first result is asked for. */
const eager: RunMany = async function* run(scenarios) {
  yield* [...scenarios]
    .reverse()
    .map((scenario) => summarise(simulateSync(scenario)))
    .reverse();
};

/** As an interruption ends it: one more run is cut short. */
function endingAfter(count: number): RunMany {
  return async function* run(scenarios) {
    let ended = 0;
    for await (const summary of oneByOne()(scenarios)) {
      if (ended++ === count) {
        yield { ...summary, partial: true };
        return;
      }
      yield summary;
    }
  };
}

test('runs that none of the goals needs do not count', async () => {
  const grid = gridOf(['mappings.m.BatchSize=50']);
  const part = await sweepPart(grid, { replications: 14, part: { number: 1, of: 1 } });
  const until = [goal('IteratorAge p50=99%')];
  const result = summariseSweep({ design: { ...part.design, until }, runs: part.runs });
  expect(result.points[0]).toMatchObject({ complete: 10, partial: false });
});
