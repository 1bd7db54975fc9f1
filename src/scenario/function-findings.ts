import { UNRESERVED } from './account.ts';
import type { Path } from './document.ts';
import type { Fields, Finding } from './finding.ts';
import { durationIn, entries, fields, isFields, list, pastTheEnd, shardCount, unknownName } from './finding.ts';
import { lawFindings, lawsIn } from './law-findings.ts';
import { durationOf } from './quantity.ts';

/** L1: what functions set aside for themselves, reserved or, without that, provisioned (L4). */
export function concurrencyFindings(root: Fields): Finding[] {
  const { ConcurrentExecutions: all = 1_000 } = fields(root.account);
  if (typeof all !== 'number') return [];
  let sum = 0;
  for (const [name, target] of entries(root, 'functions')) {
    const { ReservedConcurrentExecutions: reserved } = target;
    const own = reserved ?? provisionedIn(target);
    if (typeof own !== 'number') continue;
    sum += own;
    if (own === 0 || sum <= all - UNRESERVED) continue;
    const left = Math.max(0, all - UNRESERVED - (sum - own));
    return [
      {
        path: ['functions', name, ...(reserved === undefined ? PROVISIONED : ['ReservedConcurrentExecutions'])],
        message: `at least ${UNRESERVED} of the account's ${all} must stay unreserved; expected at most ${left}, got ${own}`,
      },
    ];
  }
  return [];
}

const PROVISIONED = ['ProvisionedConcurrencyConfig', 'ProvisionedConcurrentExecutions'] as const;

function provisionedIn(target: Fields): unknown {
  return fields(target[PROVISIONED[0]])[PROVISIONED[1]];
}

export function functionFindings(name: string, target: Fields, root: Fields): Finding[] {
  const path = ['functions', name];
  return [
    ...durationFindings(target.duration, [...path, 'duration']),
    ...memoryFindings(target, path),
    ...lawFindings(target.coldStart, durationOf, [...path, 'coldStart']),
    ...provisionedFindings(target, [...path, ...PROVISIONED]),
    ...list(target.faults).flatMap((fault, index) =>
      isFields(fault) ? faultFindings(fault, [...path, 'faults', index], name, root) : [],
    ),
  ];
}

function provisionedFindings(target: Fields, path: Path): Finding[] {
  const { ReservedConcurrentExecutions: reserved } = target;
  const provisioned = provisionedIn(target);
  if (typeof reserved !== 'number' || typeof provisioned !== 'number' || provisioned <= reserved) return [];
  // AWS's own words, up to the semicolon.
  const message = `Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function; expected at most ${reserved}, got ${provisioned}`;
  return [{ path, message }];
}

/** The parts that a duration may be the sum of. */
export const DURATION_PARTS = ['base', 'perRecord', 'perKB'] as const;

function durationFindings(duration: unknown, path: Path): Finding[] {
  if (!isFields(duration)) return [];
  const parts = DURATION_PARTS.filter((part) => duration[part] !== undefined);
  const laws = lawsIn(duration);
  if (parts.length === 0 && laws.length === 0) {
    return [{ path, message: 'expected base, perRecord or perKB, or a distribution' }];
  }
  if (parts.length === 0) return lawFindings(duration, durationOf, path);
  if (laws.length > 0) {
    return [{ path, message: 'expected base, perRecord and perKB, or one distribution, not both' }];
  }
  return parts.flatMap((part) => lawFindings(duration[part], durationOf, [...path, part]));
}

/** L5a */
function memoryFindings({ durationByMemory: model, MemorySize: size = 128 }: Fields, path: Path): Finding[] {
  if (!isFields(model)) return [];
  const place = [...path, 'durationByMemory'];
  const { at, cpuShare, fullAt, measured } = model;
  if ((cpuShare === undefined) === (measured === undefined)) {
    return [{ path: place, message: 'expected exactly one of cpuShare and measured' }];
  }
  if (!Array.isArray(measured)) return [];
  const found: Finding[] = [];
  if (fullAt !== undefined) {
    found.push({ path: [...place, 'fullAt'], message: 'what was measured shows it; leave fullAt out' });
  }
  const sizes = measured.map((row) => fields(row).MemorySize).filter((one) => typeof one === 'number');
  measured.forEach((row, index) => {
    const { MemorySize, duration } = fields(row);
    const isAgain = measured.slice(0, index).some((other) => fields(other).MemorySize === MemorySize);
    if (isAgain && typeof MemorySize === 'number')
      found.push({ path: [...place, 'measured', index, 'MemorySize'], message: `${MemorySize} stands there already` });
    if (typeof duration === 'string' && durationOf(duration) === 0)
      found.push({ path: [...place, 'measured', index, 'duration'], message: 'expected a duration above 0s' });
  });
  if (new Set(sizes).size < 2) {
    found.push({ path: [...place, 'measured'], message: 'expected two or more sizes that were measured' });
    return found;
  }
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const outside = (value: unknown, where: Path) =>
    typeof value === 'number' && (value < least || value > most)
      ? [
          {
            path: where,
            message: `expected one of the sizes measured or between them, ${least} to ${most}, got ${value}`,
          },
        ]
      : [];
  return [...found, ...outside(at, [...place, 'at']), ...outside(size, [...path, 'MemorySize'])];
}

const FAULTS = ['probability', 'slowdown', 'poison', 'invocations'];

function faultFindings(fault: Fields, path: Path, name: string, root: Fields): Finding[] {
  const found: Finding[] = [];
  const [kind, second] = FAULTS.filter((key) => fault[key] !== undefined);
  if (second !== undefined) {
    const message = `a fault has one kind; expected exactly one of ${FAULTS.join(', ')}, and ${kind} is given`;
    found.push({ path: [...path, second], message });
  }
  const hasWindow = ['from', 'to', 'until'].some((key) => fault[key] !== undefined);
  if (kind === undefined && !hasWindow) {
    found.push({ path, message: `expected one of ${FAULTS.join(', ')}, or from and to for an outage` });
  }
  if (fault.slowdown !== undefined && fault.after !== undefined) {
    found.push({ path: [...path, 'after'], message: 'a slowdown fails nothing; leave after out' });
  }
  if (fault.responseLost === true && (fault.slowdown !== undefined || fault.fail === 'record')) {
    const why =
      fault.slowdown === undefined ? 'a record that is reported is in the answer' : 'a slow invocation answers';
    found.push({ path: [...path, 'responseLost'], message: `${why}; leave responseLost out` });
  }
  if (fault.fail !== undefined && fault.poison === undefined) {
    found.push({ path: [...path, 'fail'], message: 'only a poison record has it; leave fail out' });
  }
  found.push(...windowFindings(fault, path), ...pastTheEnd(root, durationIn(fault, 'from'), [...path, 'from']));
  if (isFields(fault.poison)) found.push(...poisonFindings(fault.poison, [...path, 'poison'], name, root));
  return found;
}

function windowFindings(fault: Fields, path: Path): Finding[] {
  if (fault.to !== undefined && fault.until !== undefined) {
    return [{ path: [...path, 'until'], message: 'until means the same as to; expected one of them' }];
  }
  const from = durationIn(fault, 'from') ?? 0;
  const key = fault.to === undefined ? 'until' : 'to';
  const end = durationIn(fault, key);
  return end === null || end > from ? [] : [{ path: [...path, key], message: 'expected an end after from' }];
}

/** Whether a producer puts records with a key, as far as the file says. */
function putsKey(producer: Fields, key: unknown): boolean {
  if (fields(producer.arrivalTimes).key !== undefined) return true; // a column of a file says
  if (list(producer.records).some((record) => fields(record).key === key)) return true;
  const keys = fields(producer.keys);
  const { count = fields(keys.zipf).count } = keys;
  const number = /^partitionKey-(0|[1-9]\d*)$/.exec(String(key))?.[1];
  if (number !== undefined && typeof count === 'number' && Number(number) < count) return true;
  return fields(keys.hot).key === key || (Array.isArray(keys.list) ? keys.list.includes(key) : keys.list !== undefined);
}

function poisonFindings(poison: Fields, path: Path, name: string, root: Fields): Finding[] {
  const { stream, shard, record, key, oneIn } = poison;
  const isRecord = stream !== undefined || shard !== undefined || record !== undefined;
  const forms = [isRecord, key !== undefined, oneIn !== undefined].filter(Boolean).length;
  if (forms !== 1) return [{ path, message: 'expected exactly one of { stream, shard, record }, { key }, { oneIn }' }];
  if (key !== undefined && !entries(root, 'producers').some(([, producer]) => putsKey(producer, key))) {
    const message = 'no producer puts records with this key, as far as the file says';
    return [{ path: [...path, 'key'], message, severity: 'warning' }];
  }
  if (!isRecord) return [];
  const missing = Object.entries({ stream, shard, record }).filter(([, value]) => value === undefined);
  if (missing.length > 0) {
    const what = missing.map(([word]) => word).join(' and ');
    return [
      { path, message: `${what} ${missing.length > 1 ? 'are' : 'is'} missing; expected { stream, shard, record }` },
    ];
  }
  const found = unknownName(root, 'streams', stream, [...path, 'stream']);
  if (found.length > 0) return found;
  const isRead = entries(root, 'mappings').some(
    ([, mapping]) =>
      mapping.function === name &&
      (mapping.stream === stream || String(mapping.consumer).startsWith(`${String(stream)}/`)),
  );
  if (!isRead && isFields(root.mappings)) {
    found.push({ path: [...path, 'stream'], message: `no mapping brings records of '${String(stream)}' to ${name}` });
  }
  const shards = shardCount(root, stream);
  if (typeof shard === 'number' && shards !== null && shard >= shards) {
    found.push({ path: [...path, 'shard'], message: `expected a shard from 0 to ${shards - 1}, got ${shard}` });
  }
  return found;
}
