package dev.jctl.controller.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.config.ResourceFields.Machine;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceFieldsTest {
  private static final PodSpec SPEC =
      new PodSpecBuilder()
          .addNewContainer()
          .withName("main")
          .withResources(
              new ResourceRequirements(
                  List.of(),
                  Map.of("cpu", new Quantity("1500m"), "memory", new Quantity("100Mi")),
                  Map.of("cpu", new Quantity("250m"))))
          .endContainer()
          .addNewContainer()
          .withName("free")
          .endContainer()
          .build();

  @ParameterizedTest
  @CsvSource({
    "main, limits.cpu, , 2",
    "main, limits.cpu, 1m, 1500",
    "main, requests.cpu, 1, 1",
    "main, requests.cpu, 1m, 250",
    "main, limits.memory, , 104857600",
    "main, limits.memory, 1Mi, 100",
    "main, limits.memory, 1G, 1",
    "main, requests.memory, 1Ki, 102400",
    "free, limits.cpu, 0, 4",
    "free, limits.memory, 1Mi, 8192",
    "free, requests.cpu, , 0",
    "free, limits.ephemeral-storage, , 0",
  })
  void isInUnitsOfTheDivisorRoundedUp(
      String container, String resource, String divisor, String value) {
    ResourceFields fields = new ResourceFields(SPEC, new Machine(4, 8L << 30));
    ResourceFieldSelector field =
        new ResourceFieldSelector(
            container, divisor == null ? null : new Quantity(divisor), resource);
    assertThat(fields.value(container, field)).isEqualTo(value);
  }
}
