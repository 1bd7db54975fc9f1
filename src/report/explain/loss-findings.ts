import { bytes, counted, whole } from '../words.ts';
import type { Finding } from './explanation.ts';
import { costOf, findingOf, type MappingCase, settingOf } from './mapping-case.ts';

/** Records that are lost without a stall or a failure that Lambda knows of. */
export function lossFindings(of: MappingCase): Finding[] {
  return [...silentFinding(of), ...payloadFinding(of)];
}

/** E2: what is too old is given up, though nothing failed and nothing was held up. */
export function tooOldFinding(of: MappingCase): Finding[] {
  const { mapping, resolved, name } = of;
  const lost = mapping.records.discarded.RecordAgeExceeded;
  if (lost === 0) return [];
  const path = (key: string) => ['mappings', name, key];
  const [age, window] = ['MaximumRecordAgeInSeconds', 'MaximumBatchingWindowInSeconds'].map((key) =>
    resolved.number(path(key), 0),
  ) as [number, number];
  const gathers =
    window >= age
      ? ` MaximumBatchingWindowInSeconds is ${whole(window)}: a batch gathers for longer than its first records may be old.`
      : '';
  return [
    findingOf(of, {
      cause: 'recordAge',
      headline: `${counted(lost, 'record')} lost: too old`,
      what: `${counted(lost, 'record')} of ${whole(mapping.records.arrived)} ${lost === 1 ? 'was' : 'were'} given up before an invocation had ${lost === 1 ? 'it' : 'them'}.`,
      why: `MaximumRecordAgeInSeconds is ${whole(age)}, and they had waited for longer.${gathers}`,
      // Where costs are told the first finding has what was too old.
      cost: costOf({}),
      settings: [settingOf(of, 'MaximumRecordAgeInSeconds'), settingOf(of, 'MaximumBatchingWindowInSeconds')],
      advice: [
        {
          changes: [
            resolved.change(path('MaximumRecordAgeInSeconds'), Math.min(604_800, 60 + 2 * Math.max(age, window))),
          ],
          effect: 'Records may wait for so long, and are processed.',
          tradeOff: 'Data is older.',
          lowers: 'recordsLost',
        },
      ],
    }),
  ];
}

/** The second waits for less than a second in all (E7). */
const FEW_RETRIES = 2;

/** E5: reported, and not heard. */
function silentFinding(of: MappingCase): Finding[] {
  const { mapping, resolved, name } = of;
  const lost = mapping.records.silentlyLost;
  if (lost === 0) return [];
  const path = (key: string) => ['mappings', name, key];
  const retries = resolved.number(path('MaximumRetryAttempts'), -1);
  const limits = retries < 0 ? [resolved.change(path('MaximumRetryAttempts'), FEW_RETRIES)] : [];
  // Without it a record that is first of what comes again takes all behind it along when it is given up (E3, E5).
  const bisects = resolved.bisects(name) ? [] : [resolved.change(path('BisectBatchOnFunctionError'), true)];
  return [
    findingOf(of, {
      cause: 'silentLoss',
      headline: `${counted(lost, 'record')} silently lost`,
      what: `${mapping.function} reported ${counted(lost, 'record')} as failed, and Lambda took ${lost === 1 ? 'it' : 'them'} for processed. No metric and no message shows it.`,
      why: 'FunctionResponseTypes is [], so what the function answers is not read: an invocation that returns has succeeded with all its records.',
      cost: costOf({ silentlyLost: lost }),
      settings: [settingOf(of, 'FunctionResponseTypes'), settingOf(of, 'MaximumRetryAttempts')],
      advice: [
        {
          changes: [resolved.change(path('FunctionResponseTypes'), ['ReportBatchItemFailures']), ...bisects, ...limits],
          effect: `The reported record and all after it come again${limits.length === 0 ? '' : '; the limit on retries keeps one that never succeeds from stopping its lane'}.${bisects.length === 0 ? '' : ' Halving what fails parts it from the good ones behind it.'}`,
          tradeOff:
            'Records after a failed one are processed twice, and one that never succeeds holds up its lane for the retries and their waits, and is then given up in the open.',
          lowers: 'silentlyLost',
        },
      ],
    }),
  ];
}

/** P5. */
function payloadFinding(of: MappingCase): Finding[] {
  const { mapping, resolved } = of;
  const lost = mapping.records.discarded.PayloadTooLarge;
  if (lost === 0) return [];
  const path = ['streams', mapping.stream, 'MaxRecordSizeInKiB'];
  return [
    findingOf(of, {
      cause: 'payload',
      headline: `${counted(lost, 'record')} too large for an event`,
      what: `${counted(lost, 'record')} ${lost === 1 ? 'was' : 'were'} discarded, because ${lost === 1 ? 'it alone exceeds' : 'each alone exceeds'} the 6 MB that an event may have.`,
      why: `The stream accepts records of up to ${bytes(1_024 * resolved.number(path, 1_024))} (MaxRecordSizeInKiB), and an event holds them in base64, a third larger.`,
      cost: costOf({ discarded: lost }),
      settings: [resolved.setting(path)],
      advice: [
        {
          changes: [],
          effect: 'Keep records below about 4.4 MB: put what is larger in a bucket, and its name in the record.',
          tradeOff: 'One more request for each large record.',
          lowers: null,
        },
      ],
    }),
  ];
}
