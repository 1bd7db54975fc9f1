import { pathText } from '../scenario/document.ts';
import { dataTemplate } from './data-template.ts';
import type { Draft } from './draft.ts';
import { MARK, originOf, STAND_IN } from './draft.ts';
import type { JoinedStream } from './join.ts';
import type { Traffic } from './traffic.ts';
import type { Tree } from './tree.ts';
import { textOf } from './tree.ts';

/**
 * What puts records into a stream.
 *
 * @param patterns of the filters that look at them
 */
export function writeProducer(
  stream: JoinedStream,
  { traffic, patterns }: { readonly traffic: Traffic | undefined; readonly patterns: readonly Tree[] },
  draft: Draft,
): void {
  const { text } = draft;
  const path = ['producers', stream.name];
  text.open(path, null, stream.place === null ? null : originOf(stream.place));
  text.put([...path, 'stream'], stream.name);
  if (traffic === undefined) {
    text.put([...path, 'rate'], STAND_IN.rate, `${MARK} no file says how much traffic there is`);
    text.say(
      2,
      'or with CloudWatch: aws cloudwatch get-metric-data (IncomingRecords and IncomingBytes, Sum) > metrics.json',
    );
    text.say(2, 'trace: { file: metrics.json, metric: IncomingRecords }');
    draft.standIn(
      stream.place,
      `no file says how much traffic stream ${stream.name} has; ${STAND_IN.rate} stands in, of ${STAND_IN.bytes} a record`,
    );
  } else {
    text.put([...path, 'trace'], traffic.trace, traffic.why, traffic.origin);
    text.say(2, `${scaleOption(stream.name)} makes it twice the traffic; peaks within a period are not in it`);
  }
  writeContent(path, stream, { traffic, patterns }, draft);
  text.say(2, 'keys: { count: 10000 } # without it records spread evenly over the shards');
}

/** The data of records, if a filter looks at it; else their size. */
function writeContent(
  path: readonly string[],
  stream: JoinedStream,
  { traffic, patterns }: { readonly traffic: Traffic | undefined; readonly patterns: readonly Tree[] },
  draft: Draft,
): void {
  const { text } = draft;
  const template = dataTemplate(patterns.map((pattern) => textOf(pattern) ?? ''));
  if (template === null) {
    if (!traffic?.bytes) {
      text.put([...path, 'bytes'], STAND_IN.bytes, `${MARK} no file says how large records are`);
      const bytes = `no file says how large the records of stream ${stream.name} are; ${STAND_IN.bytes} stands in (IncomingBytes says)`;
      if (traffic !== undefined) draft.standIn(traffic.origin.place, bytes);
    } else text.put([...path, 'bytes'], `${traffic.bytes.size}B`, traffic.bytes.why);
    return;
  }
  text.say(
    2,
    `${MARK} what records hold, which the filters look at. These are values that some filter asks for, and others: how many records pass a filter is ours, not yours. How large records are follows from it.`,
  );
  text.put([...path, 'data'], { template });
  draft.standIn(
    patterns[0]!.place,
    `no file says what the records of stream ${stream.name} hold; data made up from the filters stands in, so which share passes them is no finding`,
  );
  if (traffic?.bytes) {
    const size = `records are as large as the data made up from the filters; IncomingBytes says ${traffic.bytes.size} B on average`;
    text.say(2, size);
    draft.standIn(traffic.origin.place, size);
  }
}

/** As a shell takes it. */
function scaleOption(stream: string): string {
  const setting = `${pathText(['producers', stream, 'trace', 'scale'])}=2`;
  return `--set ${/^[\w.=-]+$/.test(setting) ? setting : `'${setting}'`}`;
}
