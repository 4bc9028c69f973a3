package dev.jctl.controller.usage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.Observed;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What there is and what it uses, in Prometheus' text format. Names are those of cAdvisor,
 * kube-state-metrics and node_exporter.
 */
public final class Exposition {
  public static final String MEDIA_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private final ResourceCache cache;
  private final Usages usages;
  private final LongSupplier droppedEvents;
  private final LongSupplier openStreams;

  /**
   * @param droppedEvents of the audit log
   * @param openStreams watches and followed logs
   */
  public Exposition(
      ResourceCache cache, Usages usages, LongSupplier droppedEvents, LongSupplier openStreams) {
    this.openStreams = openStreams;
    this.droppedEvents = droppedEvents;
    this.cache = cache;
    this.usages = usages;
  }

  public byte[] text() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    List<StoredObject> pods = cache.list(ResourceKind.POD, null);
    addContainers(pods, all);
    all.metricSnapshot(restarts(pods));
    all.metricSnapshot(objects());
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name("jctl_audit_events_dropped")
            .help("Events that the audit log could not take.")
            .dataPoint(
                CounterSnapshot.CounterDataPointSnapshot.builder()
                    .value((double) droppedEvents.getAsLong())
                    .build())
            .build());
    all.metricSnapshot(
        GaugeSnapshot.builder()
            .name("jctl_api_streams")
            .help("Watches and followed logs that are open.")
            .dataPoint(gauge(Labels.EMPTY, (double) openStreams.getAsLong()))
            .build());
    Pressures machine = new Pressures("node_pressure_", "processes of the machine");
    ProcStat.pressure().forEach((of, time) -> machine.add(of, Labels.EMPTY, time));
    machine.addTo(all);
    OwnProcess.read().addTo(all);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, all.build());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private void addContainers(List<StoredObject> pods, MetricSnapshots.Builder all) {
    CounterSnapshot.Builder cpu =
        CounterSnapshot.builder()
            .name("container_cpu_usage_seconds")
            .help("CPU time that the container has used.");
    GaugeSnapshot.Builder memory =
        GaugeSnapshot.builder()
            .name("container_memory_working_set_bytes")
            .help("Memory of the container that cannot be taken back.");
    GaugeSnapshot.Builder processes =
        GaugeSnapshot.builder()
            .name("container_processes")
            .help("Processes and threads in the container.");
    Pressures pressures = new Pressures("container_pressure_", "processes of the container");
    Map<RunningContainer, Observed.Usage> seen = usages.counters(RunningContainer.ofAll(pods));
    seen.forEach(
        (c, usage) -> {
          Labels labels = labels(c.namespace(), c.pod(), c.name());
          cpu.dataPoint(
              CounterSnapshot.CounterDataPointSnapshot.builder()
                  .labels(labels)
                  .value(usage.cpuNanos() / 1e9)
                  .build());
          memory.dataPoint(gauge(labels, (double) usage.memoryBytes()));
          processes.dataPoint(gauge(labels, (double) usage.pids()));
          usage.pressure().forEach((of, time) -> pressures.add(of, labels, time));
        });
    all.metricSnapshot(cpu.build())
        .metricSnapshot(memory.build())
        .metricSnapshot(processes.build());
    pressures.addTo(all);
  }

  private static Labels labels(String namespace, String pod, String container) {
    return Labels.of("container", container, "namespace", namespace, "pod", pod);
  }

  static GaugeSnapshot.GaugeDataPointSnapshot gauge(Labels labels, double value) {
    return GaugeSnapshot.GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  private static CounterSnapshot restarts(List<StoredObject> pods) {
    CounterSnapshot.Builder restarts =
        CounterSnapshot.builder()
            .name("kube_pod_container_status_restarts")
            .help("How often the container was started again.");
    for (StoredObject pod : pods) {
      for (JsonNode status : pod.tree().path("status").path("containerStatuses")) {
        restarts.dataPoint(
            CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(
                    labels(pod.ref().namespace(), pod.ref().name(), status.path("name").asText()))
                .value(status.path("restartCount").asDouble())
                .build());
      }
    }
    return restarts.build();
  }

  private GaugeSnapshot objects() {
    GaugeSnapshot.Builder objects =
        GaugeSnapshot.builder().name("jctl_objects").help("Objects in the store.");
    for (ResourceKind kind : ResourceKind.values()) {
      objects.dataPoint(gauge(Labels.of("kind", kind.kind()), cache.list(kind, null).size()));
    }
    return objects.build();
  }
}
