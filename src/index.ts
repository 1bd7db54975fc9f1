export type { DataFile } from './import/data-files.ts';
export type { ImportedFile, ImportOptions, ImportResult } from './import/import-scenario.ts';
export { importScenario } from './import/import-scenario.ts';
export type { OverlayResult } from './import/overlay.ts';
export { readOverlay } from './import/overlay.ts';
export type { Distribution } from './kernel/distribution.ts';
export type { Duration, Instant } from './kernel/time.ts';
export type { Law, Run } from './laws/law.ts';
export { laws } from './laws/laws.ts';
export type { CompareOptions } from './plan/comparing/compare.ts';
export { compare, compareResults, DEFAULT_REPLICATIONS, pairsOf } from './plan/comparing/compare.ts';
export type { ComparedMetric, Verdict } from './plan/comparing/compared-metric.ts';
export type { ComparedRun, ComparedSource } from './plan/comparing/compared-run.ts';
export { comparedRunOf, sourceOfScenario } from './plan/comparing/compared-run.ts';
export type { ComparedSide, Comparison, Side } from './plan/comparing/comparison.ts';
export { comparisonOf } from './plan/comparing/comparison.ts';
export { comparisonChart } from './plan/comparing/comparison-chart.ts';
export type { ComparedCurve, ComparedCurves } from './plan/comparing/comparison-curves.ts';
export { comparisonMarkdown } from './plan/comparing/comparison-markdown.ts';
export type { ComparisonPageOptions } from './plan/comparing/comparison-page.ts';
export { comparisonPage } from './plan/comparing/comparison-page.ts';
export { conditionWords } from './plan/comparing/comparison-tables.ts';
export type { ComparisonTextOptions } from './plan/comparing/comparison-text.ts';
export { comparisonJson, comparisonText } from './plan/comparing/comparison-text.ts';
export type { Condition, ConditionResult, JudgedCondition } from './plan/comparing/condition.ts';
export { conditionProblem, readCondition } from './plan/comparing/condition.ts';
export type { Pairing } from './plan/comparing/pairing.ts';
export type { SettingDifference } from './plan/comparing/setting-differences.ts';
export type { FigureName } from './plan/figure-name.ts';
export { readFigureName } from './plan/figure-name.ts';
export type { HeadlineFigure, HeadlineMetric } from './plan/headline.ts';
export { headlineFigures } from './plan/headline.ts';
export type { ReplicateOptions } from './plan/replicating/replicate.ts';
export { replicate } from './plan/replicating/replicate.ts';
export type {
  MetricEstimate,
  Replication,
  ReplicationRow,
  Replications,
  ThresholdCount,
} from './plan/replicating/replications.ts';
export {
  replicationOf,
  replicationSeed,
  replicationsOf,
  summariseReplications,
} from './plan/replicating/replications.ts';
export { replicationsCsv, replicationsJson } from './plan/replicating/replications-table.ts';
export type { ReplicationsTextOptions } from './plan/replicating/replications-text.ts';
export { replicationsText, unmetInReplications } from './plan/replicating/replications-text.ts';
export type { RunMany } from './plan/run-many.ts';
export { oneByOne } from './plan/run-many.ts';
export type { PlanOptions } from './plan/sizing/plan.ts';
export { plan } from './plan/sizing/plan.ts';
export { PlanInputError } from './plan/sizing/plan-input-error.ts';
export { plannedScenario } from './plan/sizing/planned-scenario.ts';
export type { SizedAnswer, SizedMove, SizedSettings, SizedStep, SizedVerdict, Sizing } from './plan/sizing/sizing.ts';
export type { SizingTextOptions } from './plan/sizing/sizing-text.ts';
export { sizingJson, sizingMarkdown, sizingText } from './plan/sizing/sizing-text.ts';
export type { SweepChartOptions } from './plan/sweeping/charts/chart-data.ts';
export type { SweepChartName } from './plan/sweeping/charts/chart-names.ts';
export { SWEEP_CHART_NAMES, sweepChartNames } from './plan/sweeping/charts/chart-names.ts';
export { sweepChart } from './plan/sweeping/charts/sweep-chart.ts';
export type { Grid, GridOptions, GridPoint, GridResult } from './plan/sweeping/grid.ts';
export { parseGrid } from './plan/sweeping/grid.ts';
export type { PrecisionGoal } from './plan/sweeping/precision.ts';
export { readPrecisionGoal, unknownMapping } from './plan/sweeping/precision.ts';
export type { RunMemory, SweepOptions } from './plan/sweeping/sweep.ts';
export { SweepError, sweep, sweepPart } from './plan/sweeping/sweep.ts';
export type { PartNumber, SweepDesign } from './plan/sweeping/sweep-design.ts';
export type { PartProblem, SweepPart } from './plan/sweeping/sweep-part.ts';
export { mergeParts, sweepPartJson, sweepPartProblems } from './plan/sweeping/sweep-part.ts';
export type { Sweep, SweepPoint } from './plan/sweeping/sweep-result.ts';
export { summariseSweep } from './plan/sweeping/sweep-result.ts';
export { sweepCsv, sweepJson, sweepMarkdown } from './plan/sweeping/sweep-table.ts';
export type { SweepTextOptions } from './plan/sweeping/sweep-text.ts';
export { sweepText } from './plan/sweeping/sweep-text.ts';
export type { Pricing, RunFigures, SweptRun } from './plan/sweeping/swept-run.ts';
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
export { beyondEnd } from './report/charts/time-range.ts';
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
export { erroredSuite, junitOf, junitXml, testSuite } from './report/junit.ts';
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
export { unmetThresholds } from './report/unmet-thresholds.ts';
export { VERSION } from './report/version.ts';
export type { Axis, AxisValue } from './scenario/axes.ts';
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
export type { DifferenceInterval } from './statistics/difference.ts';
export type { MeanInterval } from './statistics/interval.ts';
export { meanInterval, studentQuantile } from './statistics/interval.ts';
