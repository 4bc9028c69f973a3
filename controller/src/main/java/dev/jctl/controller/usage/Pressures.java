package dev.jctl.controller.usage;

import dev.jctl.shim.spec.Observed.Pressure;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.TreeMap;

/** For how long what runs has waited for processors, memory and disks. */
final class Pressures {
  private final String prefix;
  private final String whose;
  private final Map<String, CounterSnapshot.Builder> counters = new TreeMap<>();

  /** {@code whose}: in words. */
  Pressures(String prefix, String whose) {
    this.prefix = prefix;
    this.whose = whose;
  }

  void add(String resource, Labels labels, Pressure time) {
    counter(resource + "_waiting_seconds", "some " + whose + " waited for " + resource)
        .dataPoint(point(labels, time.waitingMicros()));
    counter(resource + "_stalled_seconds", "all " + whose + " waited for " + resource)
        .dataPoint(point(labels, time.stalledMicros()));
  }

  private CounterSnapshot.Builder counter(String name, String when) {
    return counters.computeIfAbsent(
        prefix + name,
        whole -> CounterSnapshot.builder().name(whole).help("Time in which " + when + "."));
  }

  private static CounterDataPointSnapshot point(Labels labels, long micros) {
    return CounterDataPointSnapshot.builder().labels(labels).value(micros / 1e6).build();
  }

  void addTo(MetricSnapshots.Builder all) {
    counters.values().forEach(counter -> all.metricSnapshot(counter.build()));
  }
}
