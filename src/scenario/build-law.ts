import type { Distribution } from '../kernel/distribution.ts';
import type { Path } from './document.ts';
import type { FileAccess } from './named-file.ts';
import { durationOf, sizeOf } from './quantity.ts';
import { durationValue, sizeValue, valuesOf } from './trace-files.ts';

/** A law of microseconds, of the form that the schema has checked. */
export function timeLaw(law: unknown, path: Path, files: FileAccess): Distribution {
  return distributionOf(law, { ofText: durationOf, ofFile: durationValue }, path, files);
}

/** A law of bytes, of the form that the schema has checked. */
export function sizeLaw(law: unknown, path: Path, files: FileAccess): Distribution {
  return distributionOf(law, { ofText: sizeOf, ofFile: sizeValue }, path, files);
}

function distributionOf(
  law: unknown,
  { ofText, ofFile }: Record<'ofText' | 'ofFile', (text: string) => number | null>,
  path: Path,
  files: FileAccess,
): Distribution {
  if (typeof law === 'string') return { kind: 'constant', value: ofText(law)! };
  const { uniform, exponential, lognormal, weibull, empirical } = law as {
    uniform?: { min: string; max: string };
    exponential?: { mean: string };
    lognormal?: { median: string; p99: string };
    weibull?: { shape: number; scale: string };
    empirical?: string;
  };
  if (uniform) return { kind: 'uniform', min: ofText(uniform.min)!, max: ofText(uniform.max)! };
  if (exponential) return { kind: 'exponential', mean: ofText(exponential.mean)! };
  if (lognormal) return { kind: 'lognormal', median: ofText(lognormal.median)!, p99: ofText(lognormal.p99)! };
  if (weibull) return { kind: 'weibull', shape: weibull.shape, scale: ofText(weibull.scale)! };
  return { kind: 'empirical', values: valuesOfFile(empirical!, ofFile, [...path, 'empirical'], files) };
}

/** Which of several columns is meant nobody has said, so that it is said here. */
function valuesOfFile(
  name: string,
  read: (text: string) => number | null,
  path: Path,
  files: FileAccess,
): readonly number[] {
  const file = files.open(name, path);
  const found = file && valuesOf(file, read);
  if (found === null) return [0];
  const [first, ...others] = found.columns;
  if (others.length > 0)
    files.warn(path, `only the first column of ${name} is read: ${first}, not ${others.join(', ')}`);
  return found.values;
}
