package dev.jctl.controller.usage;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.File;
import java.time.Duration;
import java.time.Instant;

/** What the controller itself uses, under the names that all Prometheus clients have for it. */
record OwnProcess(double cpuSeconds, long residentBytes, int openFiles, double startSeconds) {
  static OwnProcess read() {
    ProcessHandle.Info info = ProcessHandle.current().info();
    return new OwnProcess(
        info.totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9,
        ProcStat.ownMemory(),
        countOpenFiles(),
        info.startInstant().orElse(Instant.EPOCH).toEpochMilli() / 1e3);
  }

  private static int countOpenFiles() {
    String[] descriptors = new File("/proc/self/fd").list();
    return descriptors == null ? 0 : descriptors.length;
  }

  void addTo(MetricSnapshots.Builder all) {
    all.metricSnapshot(
            CounterSnapshot.builder()
                .name("process_cpu_seconds")
                .unit(Unit.SECONDS)
                .help("CPU time that the controller has used.")
                .dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder().value(cpuSeconds).build())
                .build())
        .metricSnapshot(
            gauge(
                "process_resident_memory_bytes",
                "Resident memory of the controller.",
                (double) residentBytes))
        .metricSnapshot(gauge("process_open_fds", "Open descriptors of the controller.", openFiles))
        .metricSnapshot(
            gauge("process_start_time_seconds", "When the controller was started.", startSeconds));
  }

  private static GaugeSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(Exposition.gauge(Labels.EMPTY, value))
        .build();
  }
}
