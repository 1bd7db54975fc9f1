import type { InvocationEvent, Lane, Watcher } from './lanes.ts';
import { follow } from './lanes.ts';
import type { Law, Run } from './law.ts';
import { law } from './law.ts';

/** What a law makes of the events that it is shown, in their order. */
export interface Walk extends Watcher {
  /** Asked once, after the last event. */
  breaches(): readonly string[];
}

/** A law that looks at events one after another, alone or together with others. */
export interface WalkingLaw extends Law {
  /** Before the first event. */
  readonly begin: (run: Run) => Walk;
}

export function walkingLaw(rule: string, begin: (run: Run) => Walk): WalkingLaw {
  const breaches = (run: Run) => {
    const walk = begin(run);
    follow(run, [walk]);
    return walk.breaches();
  };
  return Object.assign(law(rule, breaches), { begin });
}

/** Of all events, the invocations. */
export function ofInvocations(look: (event: InvocationEvent, lane: Lane) => void): Watcher['event'] {
  return (event, lane) => {
    if (event.type === 'invocation') look(event, lane);
  };
}
