import type { Instant } from '../kernel/time.ts';
import type { FunctionSettings } from '../scenario/scenario.ts';
import { Histogram } from '../statistics/histogram.ts';
import { Gauge, PartGauge } from './gauge.ts';
import type { MappingTally } from './mapping-tally.ts';
import { ProvisionedTally } from './provisioned.ts';
import { addTo, SampleColumns } from './sample-columns.ts';

/** Slots in use by all functions together: their maxima are of different instants. */
export class SlotsOfAll {
  readonly concurrency = new Gauge();
  readonly concurrencyMaximumColumn: Float64Array;

  constructor(periods: number) {
    this.concurrencyMaximumColumn = new Float64Array(periods);
  }
}

/** What its mappings have had of a function; much of it is gathered from their tallies at the end. */
export class FunctionTally {
  readonly settings: FunctionSettings;
  /** Slots that the function may use: its reserved part, or what is provisioned for it and all that is unreserved. */
  readonly limit: number;
  /** Null without provisioned concurrency. */
  readonly provisioned: ProvisionedTally | null;
  readonly concurrency: Gauge;
  concurrencyArea = 0;
  /** Measured. */
  invocations = 0;
  errors = 0;
  /** Of these, those that ran into the Timeout (L5). */
  timeouts = 0;
  throttles = 0;
  /** Of these, those that found a free slot and no environment (L3). */
  scalingThrottles = 0;
  coldStarts = 0;
  /** Milliseconds billed, outside of provisioned environments and in them (C2a). */
  readonly billed = { onDemand: 0, provisioned: 0 };
  /** L7: how often its own handler threw, in the whole run, and what it threw first. */
  threw = 0;
  firstThrown: { readonly at: Instant; readonly message: string } | null = null;
  readonly duration = new Histogram();
  readonly invocationColumn: Float64Array;
  readonly errorColumn: Float64Array;
  readonly throttleColumn: Float64Array;
  readonly concurrencyAreaColumn: Float64Array;
  readonly concurrencyMaximumColumn: Float64Array;
  readonly durationColumns: SampleColumns;
  readonly ageColumns: SampleColumns;
  readonly #mappings: readonly MappingTally[];

  /** @param all of the slots of all functions; null where there is no other */
  constructor(
    settings: FunctionSettings,
    limit: number,
    mappings: readonly MappingTally[],
    periods: number,
    all: SlotsOfAll | null,
  ) {
    this.settings = settings;
    this.limit = limit;
    this.concurrency = all === null ? new Gauge() : new PartGauge(all.concurrency);
    this.#mappings = mappings;
    const provisioned = settings.provisionedConcurrentExecutions;
    this.provisioned = provisioned === 0 ? null : new ProvisionedTally(provisioned, periods);
    this.invocationColumn = new Float64Array(periods);
    this.errorColumn = new Float64Array(periods);
    this.throttleColumn = new Float64Array(periods);
    this.concurrencyAreaColumn = new Float64Array(periods);
    this.concurrencyMaximumColumn = new Float64Array(periods);
    this.durationColumns = new SampleColumns(periods);
    this.ageColumns = new SampleColumns(periods);
  }

  /** A period ends, of which its mappings have not closed their own columns. */
  closeAges(period: number): void {
    for (const { columns } of this.#mappings) this.ageColumns.takeIn(columns.iteratorAge);
    this.ageColumns.closePeriod(period);
  }

  /** A period that is open counts in the one before; its mappings have not joined their own columns. */
  joinAges(period: number): void {
    for (const { columns } of this.#mappings) this.ageColumns.takeIn(columns.iteratorAge);
    this.ageColumns.join(period);
  }

  /** At the end of the run. */
  gather(): void {
    for (const mapping of this.#mappings) {
      this.invocations += mapping.invocations;
      this.errors += mapping.errors;
      this.timeouts += mapping.timeouts;
      this.throttles += mapping.throttles;
      this.scalingThrottles += mapping.scalingThrottles;
      this.coldStarts += mapping.coldStarts;
      this.billed.onDemand += mapping.billed.onDemand;
      this.billed.provisioned += mapping.billed.provisioned;
      this.duration.merge(mapping.duration);
      addTo(this.invocationColumn, mapping.columns.invocations);
      addTo(this.errorColumn, mapping.columns.errors);
      addTo(this.throttleColumn, mapping.columns.throttles);
      this.durationColumns.gather(mapping.durationColumns);
      this.ageColumns.gather(mapping.columns.iteratorAge);
    }
  }
}
