export type { DataFile } from './import/data-files.ts';
export type { ImportedFile, ImportOptions, ImportResult } from './import/import-scenario.ts';
export { importScenario } from './import/import-scenario.ts';
export type { OverlayResult } from './import/overlay.ts';
export { readOverlay } from './import/overlay.ts';
export type { Distribution } from './kernel/distribution.ts';
export type { Duration, Instant } from './kernel/time.ts';
export type { Law, Run } from './laws/law.ts';
export { laws } from './laws/laws.ts';
export type { HeadlineFigure, HeadlineMetric } from './plan/headline.ts';
export { headlineFigures } from './plan/headline.ts';
export type { ReplicateOptions } from './plan/replicate.ts';
export { replicate } from './plan/replicate.ts';
export type { MetricEstimate, Replication, ReplicationRow, Replications, ThresholdCount } from './plan/replications.ts';
export { replicationOf, replicationSeed, replicationsOf, summariseReplications } from './plan/replications.ts';
export { replicationsCsv, replicationsJson } from './plan/replications-table.ts';
export type { ReplicationsTextOptions } from './plan/replications-text.ts';
export { replicationsText } from './plan/replications-text.ts';
export type { RunMany } from './plan/run-many.ts';
export { oneByOne } from './plan/run-many.ts';
export type { PlanOptions } from './plan/sizing/plan.ts';
export { plan } from './plan/sizing/plan.ts';
export { plannedScenario } from './plan/sizing/planned-scenario.ts';
export type { SizedAnswer, SizedMove, SizedSettings, SizedStep, Sizing, Verdict } from './plan/sizing/sizing.ts';
export type { SizingTextOptions } from './plan/sizing/sizing-text.ts';
export { sizingJson, sizingMarkdown, sizingText } from './plan/sizing/sizing-text.ts';
export { PlanInputError } from './plan/sizing/within.ts';
export type { AgeCause, DiscardCondition, LaneState, MappingState, Outcome, StallCause } from './recording/causes.ts';
export type { MappingApi } from './recording/mapping-api.ts';
export type { Recording } from './recording/recording.ts';
export type { ShardMetric } from './recording/shard-metrics.ts';
export { SHARD_METRICS } from './recording/shard-metrics.ts';
export type { TraceEvent } from './recording/trace.ts';
export { ageBreakdownChart } from './report/charts/age-breakdown.ts';
export { backlogChart } from './report/charts/backlog.ts';
export { batchSizeChart } from './report/charts/batch-size.ts';
export type { ChartName } from './report/charts/chart-names.ts';
export { CHART_NAMES, isChartName } from './report/charts/chart-names.ts';
export type { ChartOptions, ChartSpec } from './report/charts/chart-options.ts';
export { chart } from './report/charts/charts.ts';
export { concurrencyChart } from './report/charts/concurrency.ts';
export { invocationsChart } from './report/charts/invocations.ts';
export { iteratorAgeChart } from './report/charts/iterator-age.ts';
export { throughputChart } from './report/charts/throughput.ts';
export { timelineChart } from './report/charts/timeline.ts';
export type { CostOptions } from './report/cost/cost.ts';
export type { PricesResult } from './report/cost/price-file.ts';
export { readPrices } from './report/cost/price-file.ts';
export type { Prices } from './report/cost/prices.ts';
export { seriesCsv } from './report/csv.ts';
export type { VegaSpec } from './report/draw.ts';
export { compileChart, drawSvg } from './report/draw.ts';
export { explain } from './report/explain/explain.ts';
export type {
  Advice,
  Change,
  Cost,
  Explanation,
  Finding,
  FindingCause,
  HealthyMapping,
  Moment,
  Setting,
} from './report/explain/explanation.ts';
export type { ExplanationOptions } from './report/explain/explanation-text.ts';
export { explanationText } from './report/explain/explanation-text.ts';
export type { NamedThing, NameMeaning } from './report/explain/name.ts';
export { explainableNames, explainName } from './report/explain/name.ts';
export type { NameTextOptions } from './report/explain/name-text.ts';
export { nameText } from './report/explain/name-text.ts';
export type { PageChart } from './report/html.ts';
export { htmlPage, pageCharts } from './report/html.ts';
export type { TestSuite } from './report/junit.ts';
export { junitOf, junitXml, testSuite } from './report/junit.ts';
export type { MarkdownOptions } from './report/markdown.ts';
export { summaryMarkdown } from './report/markdown.ts';
export type { Overlay, RealMetric } from './report/overlay.ts';
export { overlaySentences, overlayText } from './report/overlay.ts';
export type { ResultProblem } from './report/result-schema.ts';
export { resultJsonSchema, resultProblems } from './report/result-schema.ts';
export { sentence } from './report/sentence.ts';
export type { SummariseOptions } from './report/summarise.ts';
export { summarise } from './report/summarise.ts';
export type { CostSummary, Summary } from './report/summary.ts';
export { summaryJson } from './report/summary-json.ts';
export type { TextOptions } from './report/text.ts';
export { summaryText } from './report/text.ts';
export { VERSION } from './report/version.ts';
export type { Issue } from './scenario/issue.ts';
export { didYouMean, formatIssue } from './scenario/issue.ts';
export type { ParseOptions, ParseResult } from './scenario/parse.ts';
export { parseScenario } from './scenario/parse.ts';
export { durationOf } from './scenario/quantity.ts';
export type { Scenario } from './scenario/scenario.ts';
export { scenarioJsonSchema } from './scenario/schema.ts';
export type { HandlerMaker, Handlers } from './sim/handlers.ts';
export { HandlerError } from './sim/handlers.ts';
export type { KinesisEvent, KinesisEventRecord } from './sim/lambda/event.ts';
export type { Handler, HandlerContext } from './sim/lambda/handler.ts';
export type { SimulateOptions, WaitingOptions } from './sim/simulate.ts';
export { RunawayError, simulate, simulateSync } from './sim/simulate.ts';
export type { MeanInterval } from './statistics/interval.ts';
export { meanInterval, studentQuantile } from './statistics/interval.ts';
