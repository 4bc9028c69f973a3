package dev.jctl.controller.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NodeNamesTest {
  @ParameterizedTest
  @CsvSource({
    "vm, vm",
    "My_Laptop.local, my-laptop.local",
    "a..b, a.b",
    "-a-.-b-, a.b",
    "___, localhost"
  })
  void aHostNameBecomesTheNameOfAnObject(String host, String name) {
    assertThat(NodeNames.of(host)).isEqualTo(name);
  }
}
