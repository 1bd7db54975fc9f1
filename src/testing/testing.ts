export type { CheckHandlerOptions, HandlerTools, HandlerUnderTest } from './check-handler.ts';
export { checkHandler } from './check-handler.ts';
export type { Comparison } from './comparisons.ts';
export { comparisons } from './comparisons.ts';
export type { DeliveredRecord, Delivery } from './counterexample.ts';
export { CounterexampleError } from './counterexample.ts';
export type { ScenarioDocument, ScenarioParts } from './scenarios.ts';
export { faults, mappingSettings, scenarioOf, scenarios, timelines, traffic } from './scenarios.ts';
export type { StoreUnderTest } from './store.ts';
