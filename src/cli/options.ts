import type { Options } from 'yargs';

type OptionTable = Readonly<Record<string, Options>>;

const OUTPUTS: OptionTable = {
  out: {
    ...word(
      'Write FILE: .json .csv .ndjson (trace) .html .svg .png .md .xml (JUnit); a folder/ for all of them; - for stdout',
    ),
    alias: 'o',
    group: 'Outputs:',
  },
  json: { ...flag('Print the result as JSON, one line each, and nothing else'), group: 'Outputs:' },
};

const CHARTS: OptionTable = {
  chart: { ...word('Which chart an .svg or .png holds; by default iterator-age'), group: 'Charts:' },
  title: { ...word('Their title'), group: 'Charts:' },
  from: { ...word('Draw from this time of the run on: 10m'), group: 'Charts:' },
  to: { ...word('Draw up to this time of the run: 2h'), group: 'Charts:' },
  theme: { ...word('light or dark'), group: 'Charts:' },
};

const CHANGES: OptionTable = {
  seed: { ...word("A seed instead of the scenario's"), alias: 's' },
  set: word('Change a setting, PATH=VALUE: mappings.m.BatchSize=500'),
};

const MANY: OptionTable = {
  replications: {
    ...word('Run each scenario so many times: with its seed, then with seed/2, seed/3 and so on'),
    alias: 'n',
  },
  jobs: {
    ...word('How many runs at once, a thread each; by default as many as there are processor cores, at most one a run'),
    alias: 'j',
  },
};

const SPEECH: OptionTable = {
  quiet: {
    ...flag('Say only what is wrong: no summary, warnings or progress; --json and -o - still print'),
    alias: 'q',
  },
  'no-color': flag('Print without colours'),
};

const RUNNING: OptionTable = {
  progress: word('auto (on a terminal), plain (a line now and then) or none'),
  'handler-timeout': word('How long a handler may take to settle, in real time; by default 10s'),
  debug: flag('Check the balance at every event; show the stack of an internal error'),
};

/** Of later versions: known, so that they are refused by name. */
export const LATER_OPTIONS: OptionTable = {
  part: { ...word(''), hidden: true },
};

export const LATER_VERBS: readonly string[] = ['merge', 'sweep', 'plan'];

export const VERBS = [
  'run',
  'validate',
  'report',
  'explain',
  'verify',
  'compare',
  'init',
  'import',
  'schema',
  'completion',
] as const;
export type Verb = (typeof VERBS)[number];

/** What each verb understands. */
export const OPTIONS: Readonly<Record<Verb, OptionTable>> = {
  run: {
    ...CHANGES,
    ...MANY,
    period: word('Length of a period of the reported series: 5m'),
    percentiles: word('More percentiles of every distribution: 95,99.9'),
    prices: word('A file with the prices that the cost is by; otherwise those of us-east-1'),
    'free-tier': flag('Leave out what Lambda gives free each month'),
    overlay: word(
      'Draw what CloudWatch measured over it, and say how far apart they are: an answer of get-metric-data',
    ),
    metrics: word("AWS's shard-level metrics in the series, too: IncomingBytes,OutgoingBytes or ALL"),
    ...OUTPUTS,
    ...CHARTS,
    ...RUNNING,
    ...SPEECH,
    ...LATER_OPTIONS,
  },
  validate: { ...CHANGES, ...SPEECH },
  report: { ...OUTPUTS, ...CHARTS, ...SPEECH },
  explain: { ...SPEECH },
  verify: { base: word("Folder of the scenario's files; by default the current one"), ...RUNNING, ...SPEECH },
  compare: {
    ...CHANGES,
    'set-b': word('Change a setting of B alone, PATH=VALUE'),
    replications: { ...word('How many runs of each: with its seed, then seed/2, seed/3; by default 10'), alias: 'n' },
    jobs: MANY.jobs!,
    'fail-on': word("End with 98 where this is true: worse, 'IteratorAge.p99 worse', 'cost.month > +10%'"),
    'warn-on': word('Say so where this is true'),
    prices: word('A file with the prices that the cost is by; otherwise those of us-east-1'),
    'free-tier': flag('Leave out what Lambda gives free each month'),
    out: {
      ...word('Write FILE: .json .md .html .svg .png; a folder/ for all of them; - for stdout'),
      alias: 'o',
      group: 'Outputs:',
    },
    json: { ...flag('Print the comparison as JSON, one line, and nothing else'), group: 'Outputs:' },
    ...withoutChoice(CHARTS),
    ...RUNNING,
    ...SPEECH,
  },
  init: {
    list: flag('List the templates'),
    out: { ...word('Write it to FILE; by default to standard output'), alias: 'o' },
    force: flag('Overwrite FILE'),
    ...SPEECH,
  },
  import: {
    out: { ...word('Write it to FILE, with data files beside it; by default to standard output'), alias: 'o' },
    force: flag('Overwrite FILE'),
    parameter: {
      ...word("A template's parameter, NAME=VALUE; also AWS::Region=…, the name of an import, opt:stage=…"),
      alias: 'p',
    },
    ...SPEECH,
  },
  schema: { result: flag('Of a result, as --json prints it, instead') },
  completion: {},
};

/** Where there is one chart only. */
function withoutChoice({ chart: _, ...rest }: OptionTable): OptionTable {
  return rest;
}

function word(describe: string): Options {
  return { type: 'string', requiresArg: true, describe };
}

function flag(describe: string): Options {
  return { type: 'boolean', describe };
}
