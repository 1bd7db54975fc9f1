import type { Argv, Options } from 'yargs';
import yargs from 'yargs';
import { SWEEP_CHART_NAMES } from '../index.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { commandFirst, misunderstood, NO_COMMAND, refuseFlagValues, refuseUnknownVerb } from './misunderstanding.ts';
import { OPTIONS, type Verb } from './options.ts';
import { Terminal } from './terminal.ts';
import {
  choice,
  drawing,
  flag,
  lengthOfTime,
  list,
  multiple,
  part,
  percentage,
  percentiles,
  realTime,
  refuseEmptyNames,
  restoreDash,
  seed,
  shardMetrics,
  shieldDashes,
  single,
  type Words,
  wholeNumber,
} from './words.ts';

type Task = (words: Words, terminal: Terminal) => Promise<ExitStatus> | ExitStatus;

/** Does what the command line asks for; `argv` holds the arguments without node and the script. */
export async function obey(typed: readonly string[], version: string): Promise<ExitStatus> {
  if (typed[0] === ASK_COMPLETIONS) {
    const { completions } = await import('./completions.ts');
    for (const word of completions(typed.slice(1))) plainTerminal().print(word);
    return EXIT.done;
  }
  const argv = commandFirst(typed);
  refuseUnknownVerb(argv[0]);
  refuseFlagValues(argv);
  const chosen: { task: Task; words: Words }[] = [];
  const parser = commandLine(version, argv.some(asksForHelp), (task, words) => chosen.push({ task, words }));
  const output = await understand(parser, argv);
  if (output !== '') plainTerminal().print(output);
  for (const { task, words } of chosen) {
    refuseEmptyNames(words);
    return task(words, terminalOf(words));
  }
  return EXIT.done;
}

const MOST_REPLICATIONS = 10_000;
const MOST_JOBS = 1_000;

/** As the script that `completion` prints calls us. */
const ASK_COMPLETIONS = '--get-yargs-completions';

const TASKS: Readonly<Record<Exclude<Verb, 'completion'>, Task>> = {
  async run(words, terminal) {
    const { run } = await import('./run.ts');
    const options = {
      scenarios: list(words, 'scenario'),
      seed: seed(words),
      set: list(words, 'set'),
      period: lengthOfTime(words, 'period'),
      percentiles: percentiles(words),
      shardMetrics: shardMetrics(words),
      prices: single(words, 'prices'),
      freeTier: flag(words, 'free-tier'),
      overlay: single(words, 'overlay'),
      out: list(words, 'out'),
      json: flag(words, 'json'),
      ...drawing(words),
      replications: wholeNumber(words, 'replications', MOST_REPLICATIONS) ?? 1,
      jobs: wholeNumber(words, 'jobs', MOST_JOBS),
      handlerTimeout: realTime(words, 'handler-timeout'),
      debug: flag(words, 'debug'),
    };
    return run(options, terminal);
  },

  async validate(words, terminal) {
    const { validate } = await import('./validate.ts');
    return validate(list(words, 'scenario'), { set: list(words, 'set'), seed: seed(words) }, terminal);
  },

  async report(words, terminal) {
    const { report } = await import('./report.ts');
    const options = {
      results: list(words, 'result'),
      out: list(words, 'out'),
      json: flag(words, 'json'),
      ...drawing(words),
    };
    return report(options, terminal);
  },

  async explain(words, terminal) {
    const { explain } = await import('./explain.ts');
    return explain(list(words, 'what'), terminal);
  },

  async verify(words, terminal) {
    const { verify } = await import('./verify.ts');
    const options = {
      result: single(words, 'result') ?? '-',
      base: single(words, 'base') ?? '.',
      handlerTimeout: realTime(words, 'handler-timeout'),
      debug: flag(words, 'debug'),
    };
    return verify(options, terminal);
  },

  async compare(words, terminal) {
    const { compareFiles } = await import('./compare.ts');
    const options = {
      a: single(words, 'a') ?? '-',
      b: single(words, 'b') ?? '-',
      seed: seed(words),
      set: list(words, 'set'),
      setB: list(words, 'set-b'),
      replications: wholeNumber(words, 'replications', MOST_REPLICATIONS),
      jobs: wholeNumber(words, 'jobs', MOST_JOBS),
      prices: single(words, 'prices'),
      freeTier: flag(words, 'free-tier'),
      failOn: list(words, 'fail-on'),
      warnOn: list(words, 'warn-on'),
      out: list(words, 'out'),
      json: flag(words, 'json'),
      drawing: drawing(words).drawing,
      handlerTimeout: realTime(words, 'handler-timeout'),
      debug: flag(words, 'debug'),
    };
    return compareFiles(options, terminal);
  },

  async sweep(words, terminal) {
    const { sweepScenario } = await import('./sweep.ts');
    const options = {
      scenario: single(words, 'scenario') ?? '-',
      vary: list(words, 'vary'),
      seed: seed(words),
      set: list(words, 'set'),
      replications: wholeNumber(words, 'replications', MOST_REPLICATIONS),
      until: list(words, 'until'),
      jobs: wholeNumber(words, 'jobs', MOST_JOBS),
      part: part(words),
      cache: single(words, 'cache'),
      noCache: flag(words, 'no-cache'),
      prices: single(words, 'prices'),
      freeTier: flag(words, 'free-tier'),
      handlerTimeout: realTime(words, 'handler-timeout'),
      debug: flag(words, 'debug'),
      ...sweepTelling(words),
    };
    return sweepScenario(options, terminal);
  },

  async merge(words, terminal) {
    const { merge } = await import('./merge.ts');
    return merge({ parts: list(words, 'part'), ...sweepTelling(words) }, terminal);
  },

  async plan(words, terminal) {
    const { plan } = await import('./plan.ts');
    const options = {
      scenario: single(words, 'scenario') ?? '-',
      seed: seed(words),
      set: list(words, 'set'),
      growth: multiple(words, 'growth'),
      headroom: percentage(words, 'headroom'),
      within: list(words, 'within'),
      confidence: percentage(words, 'confidence'),
      prices: single(words, 'prices'),
      freeTier: flag(words, 'free-tier'),
      jobs: wholeNumber(words, 'jobs', MOST_JOBS),
      out: list(words, 'out'),
      json: flag(words, 'json'),
      handlerTimeout: realTime(words, 'handler-timeout'),
      debug: flag(words, 'debug'),
    };
    return plan(options, terminal);
  },

  async init(words, terminal) {
    const { init } = await import('./init.ts');
    const options = {
      template: single(words, 'template') ?? 'minimal',
      list: flag(words, 'list'),
      out: single(words, 'out'),
      force: flag(words, 'force'),
    };
    return init(options, terminal);
  },

  async import(words, terminal) {
    const { importFiles } = await import('./import.ts');
    const options = {
      files: list(words, 'file'),
      parameters: list(words, 'parameter'),
      out: single(words, 'out'),
      force: flag(words, 'force'),
    };
    return importFiles(options, terminal);
  },

  async schema(words, terminal) {
    const { schema } = await import('./schema.ts');
    return schema({ result: flag(words, 'result') }, terminal);
  },
};

/** What a sweep is told and drawn as. */
function sweepTelling(words: Words) {
  return {
    out: list(words, 'out'),
    json: flag(words, 'json'),
    figure: list(words, 'figure'),
    chart: choice(words, 'chart', SWEEP_CHART_NAMES),
    title: single(words, 'title'),
    theme: choice(words, 'theme', ['light', 'dark']),
  };
}

/** As an option of its own, among letters, or as the last word. */
function asksForHelp(word: string): boolean {
  return /^(--help|--version|-\w*h|help$)/.test(word);
}

/** @param isTold whether help is wanted: yargs lays its text out whenever it understands a command, wanted or not */
function commandLine(version: string, isTold: boolean, choose: (task: Task, words: Words) => void): Argv {
  const told = <T extends Options>(option: T): T => (isTold ? option : { ...option, hidden: true });
  const options = (verb: Verb) =>
    Object.fromEntries(Object.entries(OPTIONS[verb]).map(([name, option]) => [name, told(option)]));
  const examples = (of: readonly Example[]) => (isTold ? of : []);
  const take = (verb: keyof typeof TASKS) => (words: object) => choose(TASKS[verb], words as Words);
  const files = { type: 'string', array: true } as const;
  const parser = yargs()
    .scriptName('shardclock')
    .usage('$0 <command>\n\nSimulates AWS Lambda reading Amazon Kinesis Data Streams, the same way every time.')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .command(
      'run <scenario..>',
      'Simulate, print the summary, write outputs, judge thresholds',
      (parser) =>
        parser
          .positional('scenario', told({ ...files, describe: 'Files in YAML or JSON; - is standard input' }))
          .options(options('run'))
          .example(
            examples([
              ['$0 run orders.yaml', 'Print what happens'],
              ['$0 run orders.yaml -o result.json -o report.html', 'Write it too'],
              ['$0 run orders.yaml -n 20', 'With 20 seeds: means, confidence intervals'],
              ['$0 run orders.yaml --set mappings.m.BatchSize=500', 'What if?'],
            ]),
          ),
      take('run'),
    )
    .command(
      'validate <scenario..>',
      'Check only: every problem of every file',
      (parser) =>
        parser
          .positional('scenario', told({ ...files, describe: 'Files in YAML or JSON; - is standard input' }))
          .options(options('validate')),
      take('validate'),
    )
    .command(
      'report <result..>',
      'Print and draw saved results again',
      (parser) =>
        parser
          .positional('result', told({ ...files, describe: 'Files that run -o FILE.json wrote; - is standard input' }))
          .options(options('report')),
      take('report'),
    )
    .command(
      'explain <what..>',
      'Say in plain words what a saved result means, or a name',
      (parser) =>
        parser
          .positional(
            'what',
            told({
              ...files,
              describe: 'Files that run -o FILE.json wrote, - is standard input; or names of settings, metrics, causes',
            }),
          )
          .options(options('explain'))
          .example(
            examples([
              ['$0 explain result.json', 'What stalled, why, what it cost, what to try'],
              ['$0 explain BatchSize IteratorAge', 'Meaning, default, range, rule'],
            ]),
          ),
      take('explain'),
    )
    .command(
      'verify <result>',
      'Run again what a saved result records, and compare',
      (parser) =>
        parser
          .positional(
            'result',
            told({ type: 'string', describe: 'A file that run -o FILE.json wrote; - is standard input' }),
          )
          .options(options('verify')),
      take('verify'),
    )
    .command(
      'compare <a> <b>',
      'Say what tells B from A: settings, metrics, cost',
      (parser) =>
        parser
          .positional('a', told({ type: 'string', describe: 'A scenario or a saved result; - is standard input' }))
          .positional('b', told({ type: 'string', describe: 'Another of the same kind' }))
          .options(options('compare'))
          .example(
            examples([
              ['$0 compare now.yaml next.yaml', 'Ten runs of each, in pairs, with intervals'],
              ['$0 compare now.yaml now.yaml --set-b mappings.m.BatchSize=500', 'What if?'],
              ['$0 compare now.yaml next.yaml --fail-on worse -o compared.md', 'For a pull request'],
              ['$0 compare before.json after.json', 'Two saved results'],
            ]),
          ),
      take('compare'),
    )
    .command(
      'sweep <scenario>',
      'Run every combination of some settings, with confidence intervals',
      (parser) =>
        parser
          .positional('scenario', told({ type: 'string', describe: 'A file in YAML or JSON; - is standard input' }))
          .options(options('sweep'))
          .example(
            examples([
              ['$0 sweep orders.yaml --vary mappings.m.BatchSize=100,500', 'Two points, 10 runs each'],
              ['$0 sweep orders.yaml --vary streams.s.ShardCount=4..16:4 -o s.csv', 'Write it too'],
              ['$0 sweep orders.yaml --vary … --part 2/8 -o part-2.json', 'An eighth of it, for merge'],
            ]),
          ),
      take('sweep'),
    )
    .command(
      'merge <part..>',
      'Join the parts of a sweep',
      (parser) =>
        parser
          .positional(
            'part',
            told({ ...files, describe: 'Files that sweep --part i/n -o FILE.json wrote; - is standard input' }),
          )
          .options(options('merge')),
      take('merge'),
    )
    .command(
      'plan <scenario>',
      'Find the cheapest settings that meet the thresholds',
      (parser) =>
        parser
          .positional('scenario', told({ type: 'string', describe: 'A file in YAML or JSON; - is standard input' }))
          .options(options('plan'))
          .example(
            examples([
              ['$0 plan orders.yaml --growth 2x --headroom 30%', 'At twice the traffic, with room for 30 % more'],
              ['$0 plan orders.yaml --within ShardCount=4..16 -o planned.yaml', 'Within bounds; write the scenario'],
            ]),
          ),
      take('plan'),
    )
    .command(
      'init [template]',
      'Write a commented scenario to begin with',
      (parser) =>
        parser
          .positional('template', told({ type: 'string', describe: 'Which one, see --list; by default minimal' }))
          .options(options('init')),
      take('init'),
    )
    .command(
      'import <file..>',
      'Make a scenario of templates, AWS CLI answers, metrics, logs',
      (parser) =>
        parser
          .positional('file', {
            ...files,
            describe:
              'Templates of SAM, CloudFormation, CDK or the Serverless Framework, answers of the AWS CLI, CloudWatch metrics, REPORT lines; NAME=FILE says of which stream or function it is; - is standard input',
          })
          .options(OPTIONS.import)
          .example('$0 import template.yaml metrics.json -o peak.yaml', 'Your stack and its traffic')
          .example('$0 import template.yaml worker=worker.log', 'How long its function runs, too'),
      take('import'),
    )
    .command(
      'schema',
      'Print the JSON Schema of a scenario',
      (parser) => parser.options(options('schema')),
      take('schema'),
    )
    .demandCommand(1, NO_COMMAND)
    .recommendCommands()
    .strict()
    .help()
    .alias('help', 'h')
    .version(version)
    .epilogue(isTold ? EXIT_STATUSES : '')
    .wrap(process.stdout.isTTY ? Math.min(100, process.stdout.columns || 80) : 80);
  // Its own command of yargs prints the script, whatever else is asked.
  return isTold
    ? parser.command('completion', COMPLETION, (own) => own.epilogue(COMPLETION_HELP))
    : parser.completion('completion', COMPLETION);
}

const COMPLETION = 'Print the script that completes commands in your shell';
const COMPLETION_HELP = `For bash: shardclock completion >> ~/.bashrc
For zsh:  shardclock completion >> ~/.zshrc`;

type Example = [command: string, description: string];

const EXIT_STATUSES = `Exit status:
  0  done, every threshold met    98   verify differs, compare --fail-on
  1  a bug in shardclock          99   a threshold is not met
  2  wrong command line           130  interrupted
  3  invalid scenario or result   143  terminated
  4  unreadable or unwritable file`;

/** Parses; the answer is what yargs itself has to say, help for example. */
function understand(parser: Argv, argv: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | undefined | null, _: unknown, output: string) => {
      if (error) reject(misunderstood(error, argv));
      else resolve(restoreDash(output));
    };
    Promise.resolve(parser.parse(shieldDashes(argv), {}, done)).catch(reject);
  });
}

function terminalOf(words: Words): Terminal {
  return new Terminal({
    color: !flag(words, 'no-color'),
    progress: choice(words, 'progress', ['auto', 'plain', 'none']) ?? 'auto',
    quiet: flag(words, 'quiet'),
  });
}

function plainTerminal(): Terminal {
  return new Terminal({ color: false, progress: 'none', quiet: false });
}
