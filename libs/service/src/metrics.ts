import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Figures by name, such as `relay_lag`; read when somebody asks. */
export type MetricsSource = () => Record<string, number>;

/** The service's figures in Prometheus' text format. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly sources: MetricsSource[] = [];
  private readonly durations = new Histogram({
    name: 'oppi_request_duration_seconds',
    help: 'Time to answer, by operation, wire and problem code (ok when there was none).',
    labelNames: ['operation', 'wire', 'code'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [this.registry],
  });

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  /** Shows each figure of a source as the gauge `oppi_<figure>`. */
  expose(source: MetricsSource): void {
    this.sources.push(source);
  }

  observe(operation: string, wire: 'http' | 'grpc', code: string, seconds: number): void {
    this.durations.observe({ operation, wire, code }, seconds);
  }

  text(): Promise<string> {
    for (const source of this.sources)
      for (const [figure, value] of Object.entries(source())) this.gauge(`oppi_${figure}`).set(value);
    return this.registry.metrics();
  }

  private gauge(name: string): Gauge {
    const known = this.registry.getSingleMetric(name);
    return known instanceof Gauge
      ? known
      : new Gauge({ name, help: name.replaceAll('_', ' '), registers: [this.registry] });
  }
}
