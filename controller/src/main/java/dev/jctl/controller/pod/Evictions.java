package dev.jctl.controller.pod;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Observed.VolumeUsage;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pods that have more in an emptyDir on disk than its {@code sizeLimit}. As with kubelet this is
 * measured from time to time, and such a Pod is ended.
 */
final class Evictions {
  static final String REASON = "Evicted";

  /** As kubelet's. */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** Of the time, at most one part of that many goes into the measuring of a Pod's files. */
  private static final int SHARE = 20;

  private final ContainerRuntime runtime;
  private final InstantSource clock;
  private final Map<String, Look> looks = new ConcurrentHashMap<>();

  /** {@code why} it is evicted, which stays so though it may have less in there by now. */
  private record Look(Optional<String> why, Instant next) {}

  Evictions(ContainerRuntime runtime, InstantSource clock) {
    this.runtime = runtime;
    this.clock = clock;
  }

  /** Why the Pod is to be evicted; empty if it is not. */
  Optional<String> of(String uid, PodSpec pod) {
    List<Volume> limited = limited(pod);
    if (limited.isEmpty()) {
      looks.remove(uid);
      return Optional.empty();
    }
    Look last = looks.get(uid);
    if (last != null && (last.why().isPresent() || last.next().isAfter(clock.instant()))) {
      return last.why();
    }
    Instant began = clock.instant();
    Optional<String> why = exceeded(limited, measured(uid, limited));
    Instant ended = clock.instant();
    Duration pause = Duration.between(began, ended).multipliedBy(SHARE);
    looks.put(uid, new Look(why, ended.plus(pause.compareTo(PERIOD) > 0 ? pause : PERIOD)));
    return why;
  }

  /** When to look again at a Pod that may be evicted one day. */
  Optional<Instant> next(String uid) {
    return Optional.ofNullable(looks.get(uid)).filter(l -> l.why().isEmpty()).map(Look::next);
  }

  void forget(String uid) {
    looks.remove(uid);
  }

  private Map<String, Long> measured(String uid, List<Volume> volumes) {
    Map<String, Long> bytes = new HashMap<>();
    for (Volume volume : volumes) {
      runtime
          .volumeUsage(PodNames.volumeId(uid, volume.getName()))
          .map(VolumeUsage::usedBytes)
          .ifPresent(used -> bytes.put(volume.getName(), used));
    }
    return bytes;
  }

  /** Those in memory are of their size. */
  private static List<Volume> limited(PodSpec pod) {
    return DesiredPods.volumes(pod).stream()
        .filter(v -> v.getEmptyDir() != null && !"Memory".equals(v.getEmptyDir().getMedium()))
        .filter(v -> limit(v) > 0)
        .toList();
  }

  private static long limit(Volume volume) {
    Quantity size = volume.getEmptyDir().getSizeLimit();
    return size == null ? 0 : Quantity.getAmountInBytes(size).longValue();
  }

  /**
   * In kubelet's words.
   *
   * @param used bytes by name of the volume
   */
  static Optional<String> exceeded(List<Volume> limited, Map<String, Long> used) {
    return limited.stream()
        .filter(v -> used.getOrDefault(v.getName(), 0L) > limit(v))
        .map(
            v ->
                "Usage of EmptyDir volume \"%s\" exceeds the limit \"%s\"."
                    .formatted(v.getName(), v.getEmptyDir().getSizeLimit()))
        .findFirst();
  }
}
