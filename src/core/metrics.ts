/**
 * The text of `GET /metrics`, by prom-client. Loaded with the first question: nothing of it is needed to count, and
 * loading it at start would cost several milliseconds.
 */
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Histogram from "prom-client/lib/histogram.js";
import Registry from "prom-client/lib/registry.js";
import { liveMetrics } from "./live-metrics.ts";
import { countOf, type Distribution } from "./meter.ts";
import type { Distributions, Metric, Numbers, Readings, Sources } from "./metric.ts";
import { serverMetrics } from "./server-metrics.ts";
import { workMetrics } from "./work-metrics.ts";

/** Every metric, in the order they are shown. */
export const metricTable: readonly Metric[] = [...liveMetrics, ...workMetrics, ...serverMetrics];

export interface Metrics {
  /** Of the text: the Prometheus exposition format. */
  readonly contentType: string;
  text(): Promise<string>;
}

export function createMetrics(sources: Sources): Metrics {
  const registry = new Registry();
  let readings: Readings = { ...sources, workload: undefined };
  const read = (): Readings => readings;
  for (const metric of metricTable) {
    if (metric.type === "histogram") new ShownDistributions(metric, read, registry);
    else showNumbers(metric, read, registry);
  }
  return {
    contentType: registry.contentType,
    async text() {
      // First the pool: the question for the workload would be seen in it.
      const pool = sources.pool();
      readings = { ...sources, pool: () => pool, workload: await sources.workload() };
      return registry.metrics();
    },
  };
}

function showNumbers(
  { name, help, labels = [], type, read }: Numbers,
  readings: () => Readings,
  registry: Registry,
): void {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  const samples = () => {
    const value = read(readings());
    return typeof value === "number" ? [[value, {}] as const] : value;
  };
  if (type === "gauge") {
    new Gauge({
      ...options,
      collect() {
        this.reset();
        if (labels.length === 0) this.remove(); // what nobody knows is not shown as 0
        for (const [value, given] of samples()) this.set(given, value);
      },
    });
  } else {
    new Counter({
      ...options,
      collect() {
        this.reset();
        for (const [value, given] of samples()) this.inc(given, value);
      },
    });
  }
}

/** A histogram that was filled elsewhere: prom-client's own costs half a microsecond a value, ours some nanoseconds. */
class ShownDistributions extends Histogram {
  constructor(
    private readonly metric: Distributions,
    private readonly readings: () => Readings,
    registry: Registry,
  ) {
    const { name, help, labels = [] } = metric;
    super({ name, help, labelNames: [...labels], registers: [registry] });
  }

  /** What the registry asks of a histogram (prom-client 15.1.3; not in its types). */
  async getForPromString() {
    const { name, help, type, read } = this.metric;
    const shown = read(this.readings());
    const samples = Symbol.iterator in shown ? shown : [[shown, {}] as const];
    const values = [...samples].flatMap(([distribution, labels]) => lines(name, distribution, labels));
    return { name, help, type, values, aggregator: "sum" };
  }
}

function lines(name: string, distribution: Distribution, labels: Readonly<Record<string, string>>) {
  const { bounds, counts, sum } = distribution;
  let below = 0;
  const buckets = bounds.map((bound, i) => {
    below += counts[i] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le: bound, ...labels }, value: below };
  });
  const count = countOf(distribution);
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { le: "+Inf", ...labels }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
