import type { Handler, HandlerMaker, Law } from '../index.ts';
import type { Delivery } from './counterexample.ts';
import type { ScenarioDocument } from './scenarios.ts';
import type { StoreUnderTest } from './store.ts';

/** What is made anew for each run. */
export interface HandlerUnderTest {
  /** The handler, or `{ makeHandler }` that makes one for each environment: what it keeps is gone with a cold start. */
  readonly handler: Handler | HandlerMaker;
  /** Looks at the effects, once all is over; false, or an error thrown, says that they are wrong. */
  readonly check?: (deliveries: readonly Delivery[]) => unknown;
}

/** What a test's handler may be made with. */
export interface HandlerTools {
  readonly store: StoreUnderTest;
}

export interface CheckHandlerOptions {
  /** Beside the library's own, which hold whatever a handler does. */
  readonly laws?: readonly Law[];
  /**
   * A scenario file's text, or a document, with one mapping: its settings, those of its function and of the account are kept
   * as they are, and what the records of the first producer of its stream hold (`data`, or `bytes`). Absent: the settings are
   * drawn, too, and records hold no data.
   */
  readonly scenario?: string | ScenarioDocument;
  /** How many scenarios are tried; 100. */
  readonly runs?: number;
  /** Of fast-check: the same seed tries the same scenarios. */
  readonly seed?: number;
  /** Of a counterexample: begins with it. */
  readonly path?: string;
}
