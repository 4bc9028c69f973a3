package dev.jctl.controller.config;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code resourceFieldRef} says of a Pod's containers, as kubelet has it: a limit that is not
 * set is what the machine has, a request that is not set is the limit or else nothing. Pure.
 */
public final class ResourceFields {
  /** What there is for containers without limits. */
  public record Machine(int processors, long memoryBytes) {
    private BigDecimal all(String resource) {
      return switch (resource) {
        case "cpu" -> BigDecimal.valueOf(processors);
        case "memory" -> BigDecimal.valueOf(memoryBytes);
        default -> BigDecimal.ZERO;
      };
    }
  }

  private static final String LIMITS = "limits.";

  private final Map<String, ResourceRequirements> containers = new HashMap<>();
  private final Machine machine;

  public ResourceFields(PodSpec spec, Machine machine) {
    this.machine = machine;
    Stream.concat(
            ConfigReferences.list(spec.getInitContainers()).stream(),
            ConfigReferences.list(spec.getContainers()).stream())
        .filter(c -> c.getResources() != null)
        .forEach(c -> containers.put(c.getName(), c.getResources()));
  }

  /** Of the container that it names, or else of the one that asks. */
  String value(Container asking, ResourceFieldSelector field) {
    return value(Objects.requireNonNullElse(field.getContainerName(), asking.getName()), field);
  }

  /** In units of the divisor, rounded up. */
  String value(String container, ResourceFieldSelector field) {
    String resource = field.getResource().substring(field.getResource().indexOf('.') + 1);
    ResourceRequirements asked = containers.getOrDefault(container, new ResourceRequirements());
    Optional<BigDecimal> limit = amount(asked.getLimits(), resource);
    BigDecimal amount =
        field.getResource().startsWith(LIMITS)
            ? limit.orElseGet(() -> machine.all(resource))
            : amount(asked.getRequests(), resource).or(() -> limit).orElse(BigDecimal.ZERO);
    return amount.divide(divisor(field.getDivisor()), 0, RoundingMode.CEILING).toPlainString();
  }

  private static Optional<BigDecimal> amount(
      @Nullable Map<String, Quantity> quantities, String resource) {
    return Optional.ofNullable(quantities)
        .map(all -> all.get(resource))
        .map(Quantity::getAmountInBytes);
  }

  private static BigDecimal divisor(@Nullable Quantity divisor) {
    BigDecimal amount = divisor == null ? BigDecimal.ONE : Quantity.getAmountInBytes(divisor);
    return amount.signum() == 0 ? BigDecimal.ONE : amount;
  }
}
