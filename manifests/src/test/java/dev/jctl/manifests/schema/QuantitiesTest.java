package dev.jctl.manifests.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QuantitiesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0", "1", "500m", "0.5", "64Mi", "1Gi", "1.5Gi", "1e3", "2E", "3Pi", "100k", "10u", "7n",
        "1M"
      })
  void meansWhatFabric8SaysItMeans(String text) {
    assertThat(Quantities.parse(text))
        .hasValueSatisfying(
            v -> assertThat(v).isEqualByComparingTo(Quantity.parse(text).getNumericalAmount()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "1 Gi", "1gb", "1GiB", "--1", "1e", "0x10", "1.2.3", ".", "Mi"})
  void refusesWhatIsNone(String text) {
    assertThat(Quantities.parse(text)).isEmpty();
  }
}
