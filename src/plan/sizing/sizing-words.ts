import { bytes, counted, decimal, list, money, percent, seconds, shellWord, whole } from '../../report/words.ts';
import type { SettingValue } from './searched.ts';
import type { SizedSettings, SizedStep, SizedVerdict, Sizing } from './sizing.ts';

/** A part of what is told of a plan: sentences, then rows under a header, the first cell with the setting's name. */
export interface Section {
  readonly title: string | null;
  readonly sentences: readonly Sentence[];
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface Sentence {
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad' | 'warning' | 'quiet';
}

/** What a plan says, in the order in which one wants to know it. */
export function sizingSections(sizing: Sizing): Section[] {
  const { answer } = sizing;
  const sections: Section[] = [
    { ...EMPTY, sentences: headSentences(sizing) },
    ...(answer === null ? [] : [settingsSection(sizing), stepsSection(sizing)]),
    ...(answer === null ? [] : [bindsSection(sizing), runnersUpSection(sizing), movesSection(sizing)]),
    { ...EMPTY, sentences: effort(sizing) },
  ];
  return sections.filter(({ sentences, rows }) => sentences.length + rows.length > 0);
}

const EMPTY: Section = { title: null, sentences: [], header: [], rows: [] };

function said(text: string, tone: Sentence['tone'] = 'plain'): Sentence {
  return { text, tone };
}

/** The answer, its cost, how sure. */
function headSentences(sizing: Sizing): Sentence[] {
  const { answer, nearest, today, criterion, currency, partial } = sizing;
  const { share, confidence, runs } = criterion;
  const found: Sentence[] = partial ? [said('! Interrupted: what follows is what was known by then.', 'warning')] : [];
  if (answer === null) {
    if (nearest !== null || !partial)
      found.push(said(`✗ No settings within these bounds meet the thresholds${trafficWords(sizing)}.`, 'bad'));
    if (nearest !== null) {
      found.push(said(`Nearest to it: ${nearestWords(nearest, sizing)}.`));
    }
    found.push(said(`Today's settings: ${verdictWords(today.verdict, currency)}.`));
    return found;
  }
  const price = money(answer.costPerMonth!, currency);
  const isSure = answer.verdict.kind === 'meets' && answer.verdict.runs >= runs && !partial;
  const isToday = answer.set.length === 0;
  const what = isToday
    ? "Today's settings are the cheapest that meet every threshold"
    : 'The cheapest that meets every threshold';
  found.push(
    said(
      isSure
        ? `✓ ${what}${trafficWords(sizing)}: ${price} a month.`
        : `! The cheapest so far${trafficWords(sizing)}: ${price} a month.`,
      isSure ? 'good' : 'warning',
    ),
  );
  if (answer.verdict.kind === 'meets') {
    const { runs: seen, atLeast } = answer.verdict;
    const sure = seen >= runs ? percent(share) : `${decimal(100 * atLeast, 3)} %`;
    found.push(
      said(
        `It meets them in all of ${counted(seen, 'run')}: with ${percent(confidence)} confidence in at least ${sure} of all runs${seen >= runs ? '' : `; ${whole(runs)} would show ${percent(share)}`}.`,
      ),
    );
  }
  if (!isToday)
    found.push(said(`Today's settings: ${costWords(today, currency)}${verdictWords(today.verdict, currency)}.`));
  found.push(...edgeSentences(sizing));
  return found;
}

/** What bounds that were given may hide. */
function edgeSentences({ searched, answer }: Sizing): Sentence[] {
  const paths = searched.map(({ path }) => path);
  const edges = searched.flatMap(({ path, edge }) =>
    edge === null
      ? []
      : [`${labelOf(path, paths)} ${valueWords(path, answer!.settings[path]!)} is the ${edge} that --within allows`],
  );
  return edges.length === 0 ? [] : [said(`! ${list(edges)}: something cheaper may lie beyond.`, 'warning')];
}

function trafficWords({ traffic: { growth, headroom, borne } }: Sizing): string {
  if (borne === 1 && growth === 1) return '';
  const grown = growth === 1 ? '' : ` at ${decimal(growth, 4)} times the traffic`;
  const more = headroom === 0 ? '' : `${growth === 1 ? '' : ' and'} with ${percent(headroom)} more of it`;
  return `${grown}${more}`;
}

function nearestWords(nearest: SizedSettings, { currency }: Sizing): string {
  const settings = Object.entries(nearest.settings).map(
    ([path, value]) => `${nameOf(path)} ${valueWords(path, value)}`,
  );
  return `${settings.join(', ')}: ${costWords(nearest, currency)}${verdictWords(nearest.verdict, currency)}`;
}

function costWords({ costPerMonth }: SizedSettings, currency: string): string {
  return costPerMonth === null ? '' : `${money(costPerMonth, currency)} a month, `;
}

/** 'IteratorAge max < 60s was 71 s (seed 42/3)'. */
function verdictWords(verdict: SizedVerdict, currency: string): string {
  switch (verdict.kind) {
    case 'fails': {
      const value = verdict.value === null ? 'has no value' : `was ${measured(verdict.value, verdict.unit, currency)}`;
      return `${verdict.metric} ${verdict.expression} ${value} (seed ${verdict.seed})`;
    }
    case 'meets':
      return `met in all of ${counted(verdict.runs, 'run')}`;
    case 'ruledOut':
      return verdict.why;
    case 'notRun':
      return 'not run';
  }
}

function measured(value: number, unit: string, currency: string): string {
  if (unit === 's') return seconds(value);
  if (unit === 'bytes') return bytes(value);
  return unit === currency ? money(value, currency) : decimal(value, 4);
}

function settingsSection(sizing: Sizing): Section {
  const { answer, today, currency } = sizing;
  const paths = Object.keys(answer!.settings);
  const rows = Object.entries(answer!.settings).map(([path, value]) => {
    const before = today.settings[path]!;
    return [labelOf(path, paths), valueWords(path, before), valueWords(path, value), before === value ? '' : '←'];
  });
  const cost = [today, answer!].map(({ costPerMonth }) => (costPerMonth === null ? '' : money(costPerMonth, currency)));
  return {
    ...EMPTY,
    title: 'Settings',
    header: ['', 'today', 'answer', ''],
    rows: [...rows, ['cost of a month', ...cost, '']],
  };
}

/** Of each setting what is cheaper, and why it is not the answer; else that nothing is. */
function stepsSection({ steps, currency, answer }: Sizing): Section {
  const paths = Object.keys(answer!.settings);
  const rows = paths.flatMap((path) =>
    steps
      .filter((step) => step.path === path)
      .map((step) => stepRow(step, currency, { own: answer!.costPerMonth!, paths })),
  );
  return {
    title: 'One step of one setting',
    sentences: [],
    header: ['', '', 'a month', ''],
    rows,
  };
}

function stepRow(
  { path, from, to, costPerMonth, verdict, isCheaper }: SizedStep,
  currency: string,
  { own, paths }: { readonly own: number; readonly paths: readonly string[] },
): string[] {
  const change = `${valueWords(path, from)} → ${valueWords(path, to)}`;
  const cost = costPerMonth === null ? '' : difference(costPerMonth - own, currency);
  const why =
    verdict.kind === 'meets'
      ? isCheaper
        ? `✓ ${verdictWords(verdict, currency)}`
        : 'not cheaper'
      : `✗ ${verdictWords(verdict, currency)}`;
  return [labelOf(path, paths), change, cost, why];
}

function difference(amount: number, currency: string): string {
  if (Math.abs(amount) < 0.005) return 'the same';
  return amount > 0 ? `+${money(amount, currency)}` : `−${money(-amount, currency)}`;
}

function bindsSection({ binds, answer, steps, currency }: Sizing): Section {
  const bounds = answer!.thresholds.map(({ metric, expression, worst, unit }) =>
    said(
      `With the answer, ${metric} ${expression} is met in every run; the worst had ${worst === null ? 'no value' : measured(worst, unit, currency)}.`,
    ),
  );
  const limits = binds.map(({ of, limit, share, peak }) =>
    said(
      `${of} is nearest to its limit of ${LIMITS[limit] ?? limit}: ${percent(share)} of it over the run, ${percent(peak)} in the fullest period.`,
    ),
  );
  const held = steps.filter(({ isCheaper, verdict }) => isCheaper && verdict.kind !== 'meets');
  const reasons = new Set(
    held.map(({ verdict }) =>
      verdict.kind === 'fails' ? `${verdict.metric} ${verdict.expression}` : 'a limit of the service',
    ),
  );
  const binding =
    reasons.size === 0 ? [] : [said(`What is cheaper by one step does not keep to ${list([...reasons])}.`)];
  return { ...EMPTY, title: 'What binds', sentences: [...binding, ...bounds, ...limits] };
}

const LIMITS: Readonly<Record<string, string>> = {
  writeRecords: 'records written',
  writeBytes: 'bytes written',
  readCalls: 'calls of GetRecords',
  readBytes: 'bytes read',
  slots: 'slots',
  laneBusy: 'busy lanes',
  payload: 'the payload',
  fanOutBytes: 'bytes by fan-out',
};

function runnersUpSection({ runnersUp, answer, currency }: Sizing): Section {
  const rows = runnersUp.map((one) => [
    money(one.costPerMonth!, currency),
    changesWords(answer!.settings, one.settings),
    verdictWords(one.verdict, currency),
  ]);
  return {
    ...EMPTY,
    title: 'The next cheapest that were looked at',
    header: ['a month', 'otherwise than the answer', ''],
    rows,
  };
}

function movesSection({ moves, answer, currency }: Sizing): Section {
  const rows = moves.map(({ what, settings, costPerMonth }) => [
    what,
    difference(costPerMonth - answer!.costPerMonth!, currency),
    Object.keys(settings).length === 0 ? 'the same settings' : changesWords(answer!.settings, settings),
  ]);
  return { ...EMPTY, title: 'What would move it, by its next steps', header: ['', 'a month', ''], rows };
}

/** 'ShardCount 6, MemorySize 256'. */
function changesWords(
  own: Readonly<Record<string, SettingValue>>,
  others: Readonly<Record<string, SettingValue>>,
): string {
  const changed = Object.entries(others).filter(([path, value]) => own[path] !== value);
  return changed.length === 0
    ? 'nothing'
    : changed.map(([path, value]) => `${nameOf(path)} ${valueWords(path, value)}`).join(', ');
}

function effort({ runs, settingsRun, settingsRuledOut, notSearched, searched, answer }: Sizing): Sentence[] {
  const of = searched.map(({ path, from, to, values }) => {
    const steps = values === 'bisected' || values.length < 2 ? '' : ` in ${whole(values.length)} steps`;
    return `${path} ${from === to ? valueWords(path, from) : `${valueWords(path, from)} to ${valueWords(path, to)}`}${steps}`;
  });
  return [
    ...(answer === null || answer.set.length === 0
      ? []
      : [said('With:'), ...answer.set.map((one) => said(`  --set ${shellWord(one)}`))]),
    said(
      `${counted(runs, 'run')} of ${counted(settingsRun, 'setting')}; arithmetic ruled out ${whole(settingsRuledOut)} more.`,
      'quiet',
    ),
    said(`Searched: ${of.join('; ')}.`, 'quiet'),
    ...notSearched.map(({ path, why }) => said(`Not searched: ${path.join('.')}: ${why}.`, 'quiet')),
  ];
}

function valueWords(path: string, value: SettingValue): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (path.endsWith('MemorySize')) return `${whole(value)} MB`;
  return path.endsWith('InSeconds') ? `${whole(value)} s` : whole(value);
}

/** The setting alone, where there is one of that name. */
function labelOf(path: string, paths: readonly string[]): string {
  const name = nameOf(path);
  return paths.filter((other) => nameOf(other) === name).length === 1 ? name : path.slice(path.indexOf('.') + 1);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
