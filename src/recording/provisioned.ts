import type { Instant } from '../kernel/time.ts';
import type { EnvironmentKind } from './causes.ts';
import { Gauge } from './gauge.ts';

/** How a function's provisioned concurrency is used (L4). A column has one entry for each period from t = 0. */
export class ProvisionedTally {
  readonly allocated: number;
  readonly concurrency = new Gauge();
  concurrencyArea = 0;
  /** Measured: invocations in its environments, and those for which none of them was free. */
  invocations = 0;
  spillovers = 0;
  readonly invocationColumn: Float64Array;
  readonly spilloverColumn: Float64Array;
  readonly concurrencyAreaColumn: Float64Array;
  readonly concurrencyMaximumColumn: Float64Array;

  constructor(allocated: number, periods: number) {
    this.allocated = allocated;
    this.invocationColumn = new Float64Array(periods);
    this.spilloverColumn = new Float64Array(periods);
    this.concurrencyAreaColumn = new Float64Array(periods);
    this.concurrencyMaximumColumn = new Float64Array(periods);
  }

  started(at: Instant, environment: EnvironmentKind): void {
    if (environment === 'provisioned') this.concurrency.change(at, 1);
  }

  ended(at: Instant, environment: EnvironmentKind): void {
    if (environment === 'provisioned') this.concurrency.change(at, -1);
  }

  /** M2: filed in the period of its start. */
  count(environment: EnvironmentKind, period: number, isMeasured: boolean): void {
    const isSpillover = environment !== 'provisioned';
    (isSpillover ? this.spilloverColumn : this.invocationColumn)[period]! += 1;
    if (!isMeasured) return;
    if (isSpillover) this.spillovers++;
    else this.invocations++;
  }

  closePeriod(period: number, from: Instant, to: Instant): void {
    const { area, maximum } = this.concurrency.closePeriod(to);
    this.concurrencyAreaColumn[period] = area / (to - from);
    this.concurrencyMaximumColumn[period] = maximum;
  }
}
