package dev.jctl.controller.gitrepository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.testing.Json;
import org.junit.jupiter.api.Test;

final class TreeChangesTest {
  @Test
  void namesTheFieldsThatDifferAndNotWhatTheServerWrites() {
    assertThat(
            TreeChanges.between(
                Json.object(
                    "{metadata: {resourceVersion: '1', labels: {a: 'b'}}, spec: {env: [{name: 'A', value: '1'}],"
                        + " ports: [1]}, status: {phase: 'x'}}"),
                Json.object(
                    "{metadata: {resourceVersion: '2', labels: {a: 'c'}}, spec: {env: [{name: 'A', value: '2'}],"
                        + " ports: [1, 2]}}")))
        .containsExactly("metadata.labels.a", "spec.env[0].value", "spec.ports");
  }
}
