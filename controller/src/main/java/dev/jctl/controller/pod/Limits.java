package dev.jctl.controller.pod;

import dev.jctl.shim.spec.OciSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Requests and limits → cgroup values. Pure. */
final class Limits {
  private static final long PERIOD_MICROS = 100_000;
  private static final long MIN_QUOTA_MICROS = 1_000;
  private static final long MIN_SHARES = 2;
  private static final long MAX_SHARES = 262_144;
  private static final long MAX_PIDS = 4096;
  private static final int GUARANTEED_SCORE = -997;
  private static final int MOST_SCORE = 1000;

  private Limits() {}

  static OciSpec.Resources of(
      @Nullable ResourceRequirements resources, List<OciSpec.DeviceRule> devices) {
    @Nullable Quantity memory = limit(resources, "memory");
    return new OciSpec.Resources(
        devices,
        memory == null ? null : memory(Quantity.getAmountInBytes(memory).longValue()),
        cpu(limit(resources, "cpu"), request(resources, "cpu")),
        new OciSpec.Pids(pids(limit(resources, "pids"))),
        Map.of());
  }

  private static long pids(@Nullable Quantity limit) {
    return limit == null ? MAX_PIDS : limit.getNumericalAmount().longValue();
  }

  // Swap equals memory: none beyond the limit.
  private static OciSpec.Memory memory(long bytes) {
    return new OciSpec.Memory(bytes, null, bytes);
  }

  private static OciSpec.@Nullable Cpu cpu(@Nullable Quantity limit, @Nullable Quantity request) {
    Quantity weight = request == null ? limit : request;
    if (weight == null) {
      return null;
    }
    long shares = scaled(weight, 1024);
    Long quota = limit == null ? null : Math.max(MIN_QUOTA_MICROS, scaled(limit, PERIOD_MICROS));
    return new OciSpec.Cpu(
        Math.clamp(shares, MIN_SHARES, MAX_SHARES),
        quota,
        quota == null ? null : PERIOD_MICROS,
        null,
        null);
  }

  private static long scaled(Quantity quantity, long factor) {
    return quantity
        .getNumericalAmount()
        .multiply(BigDecimal.valueOf(factor))
        .setScale(0, RoundingMode.HALF_UP)
        .longValue();
  }

  private static @Nullable Quantity limit(@Nullable ResourceRequirements r, String name) {
    return r == null || r.getLimits() == null ? null : r.getLimits().get(name);
  }

  private static @Nullable Quantity request(@Nullable ResourceRequirements r, String name) {
    return r == null || r.getRequests() == null ? null : r.getRequests().get(name);
  }

  /**
   * Whether the kernel's limits are those wanted; what the runtime added by itself is not looked
   * at.
   */
  static boolean same(OciSpec.@Nullable Resources a, OciSpec.@Nullable Resources b) {
    if (a == null || b == null) {
      return a == null && b == null;
    }
    return Objects.equals(a.memory(), b.memory())
        && Objects.equals(a.cpu(), b.cpu())
        && Objects.equals(a.pids(), b.pids());
  }

  /**
   * Whom the kernel ends first when the machine's memory is short, as Kubernetes says it: who asks
   * for nothing; then by how little of the machine's memory is asked for; last who has what it asks
   * for.
   *
   * @param all of the Pod
   * @param memoryBytes of the machine
   */
  static int oomScore(List<Container> all, Container container, long memoryBytes) {
    return switch (qosClass(all)) {
      case "Guaranteed" -> GUARANTEED_SCORE;
      case "BestEffort" -> MOST_SCORE;
      default -> {
        Quantity limit = limit(container.getResources(), "memory");
        Quantity asked = request(container.getResources(), "memory");
        Quantity request = asked == null ? limit : asked;
        long bytes = request == null ? 0 : Quantity.getAmountInBytes(request).longValue();
        long share = memoryBytes == 0 ? 0 : (long) ((double) bytes / memoryBytes * MOST_SCORE);
        yield (int) Math.clamp(MOST_SCORE - share, MOST_SCORE + GUARANTEED_SCORE, MOST_SCORE - 1L);
      }
    };
  }

  /** Kubernetes' quality-of-service class. */
  static String qosClass(List<Container> containers) {
    boolean any = false;
    boolean guaranteed = true;
    for (Container c : containers) {
      for (String name : List.of("cpu", "memory")) {
        Quantity limit = limit(c.getResources(), name);
        Quantity request = request(c.getResources(), name);
        any |= limit != null || request != null;
        guaranteed &= limit != null && (request == null || request.equals(limit));
      }
    }
    return guaranteed && any ? "Guaranteed" : any ? "Burstable" : "BestEffort";
  }
}
