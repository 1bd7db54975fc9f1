import { resolve } from 'node:path';
import type { ChartName } from '../index.ts';
import { summaryJson, summaryText, testSuite } from '../index.ts';
import type { ExitStatus } from './exit.ts';
import { EXIT } from './exit.ts';
import { checkOutputs, planOutputs } from './outputs.ts';
import type { DrawingOptions } from './render.ts';
import { tellBeyondEnd, writeOutputs, writeShared } from './render.ts';
import { readResult } from './result-files.ts';
import { STANDARD_INPUT } from './scenario-files.ts';
import { shellCommand } from './shell-command.ts';
import type { Terminal } from './terminal.ts';

export interface ReportOptions {
  readonly results: readonly string[];
  readonly out: readonly string[];
  readonly json: boolean;
  readonly chart: ChartName | undefined;
  readonly drawing: DrawingOptions;
}

/** `shardclock report`: what `run` tells and draws, from saved results. It judges nothing. */
export async function report(options: ReportOptions, terminal: Terminal): Promise<ExitStatus> {
  const { results, out, json } = options;
  const plan = planOutputs({
    out,
    inputs: results,
    replications: 1,
    chart: options.chart,
    drawing: options.drawing,
    hasTrace: false,
  });
  const summaries = [];
  for (const name of results) summaries.push(await readResult(name));
  checkOutputs(
    plan,
    results.filter((name) => name !== STANDARD_INPUT).map((name) => resolve(name)),
  );
  for (const [index, summary] of summaries.entries()) {
    await writeOutputs(plan.each[index]!, summary, options.drawing);
    tellBeyondEnd(summary, options.drawing, terminal);
    if (json) terminal.print(JSON.stringify(summary));
    else if (out.includes('-')) terminal.print(summaryJson(summary));
    else if (!terminal.quiet) {
      if (index > 0) terminal.print('');
      const command = shellCommand(['verify', results[index]!]);
      terminal.print(summaryText(summary, { width: terminal.width, color: terminal.color, command }));
    }
  }
  writeShared(plan.ofAll, summaries.map(testSuite));
  return EXIT.done;
}
