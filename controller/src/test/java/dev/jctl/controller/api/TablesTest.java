package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TablesTest {
  private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

  private static List<String> cells(ResourceKind kind, String json) {
    ObjectNode table = Tables.of(kind, List.of(Json.object(json)), Tables.Include.NONE, NOW);
    List<String> cells = new ArrayList<>();
    table.path("rows").path(0).path("cells").forEach(c -> cells.add(c.asText()));
    return cells;
  }

  @Test
  void showsAPodAsKubectlDoes() {
    assertThat(
            cells(
                ResourceKind.POD,
                """
                {metadata: {name: 'p', creationTimestamp: '2026-01-01T22:59:00Z'},
                 spec: {nodeName: 'n', readinessGates: [{conditionType: 'g'}, {conditionType: 'h'}],
                  containers: [{name: 'a', image: 'x'}, {name: 'b', image: 'y'}]},
                 status: {phase: 'Running', podIP: '10.0.0.2', conditions: [{type: 'g', status: 'True'}],
                  containerStatuses: [
                  {name: 'a', ready: true, restartCount: 2, state: {running: {}}},
                  {name: 'b', restartCount: 1, state: {waiting: {reason: 'CrashLoopBackOff'}}}]}}
                """))
        .containsExactly(
            "p", "1/2", "CrashLoopBackOff", "3", "61m", "10.0.0.2", "n", "<none>", "1/2");
  }

  @Test
  void showsHowFarInitContainersAre() {
    assertThat(
            cells(
                ResourceKind.POD,
                """
                {metadata: {name: 'p'},
                 spec: {initContainers: [{name: 'i'}, {name: 'j'}], containers: [{name: 'a'}]},
                 status: {phase: 'Pending', initContainerStatuses: [
                  {name: 'i', state: {terminated: {exitCode: 0}}},
                  {name: 'j', state: {running: {}}}]}}
                """))
        .contains("Init:1/2");
  }

  @Test
  void showsThatAnObjectIsGoing() {
    assertThat(
            cells(
                ResourceKind.CONTAINER,
                """
                {metadata: {name: 'c', deletionTimestamp: '2026-01-01T00:00:00Z'},
                 spec: {image: 'web', ports: [
                  {containerPort: 80, hostPort: 8080}, {containerPort: 53, protocol: 'UDP'}]},
                 status: {phase: 'Running', ready: false, networks: [{name: 'n', ip: '10.0.0.3'}]}}
                """))
        .contains("Terminating", "false", "web", "10.0.0.3", "8080:80/TCP,53/UDP");
  }

  @Test
  void showsWhichPodsAPolicyIsOf() {
    String policy = "{metadata: {name: 'p'}, spec: {podSelector: {%s}}}";
    assertThat(
            cells(
                ResourceKind.NETWORK_POLICY,
                policy.formatted(
                    "matchLabels: {tier: 'web'}, matchExpressions: [{key: 'app', operator: 'In',"
                        + " values: ['a', 'b']}, {key: 'old', operator: 'DoesNotExist'}]")))
        .contains("tier=web,app in (a,b),!old");
    assertThat(cells(ResourceKind.NETWORK_POLICY, policy.formatted(""))).contains("<none>");
  }

  @ParameterizedTest
  @EnumSource(ResourceKind.class)
  void hasACellForEachColumnOfAnObjectThatSaysNothing(ResourceKind kind) {
    ObjectNode bare = Json.object("{metadata: {name: 'x'}}");
    ObjectNode table = Tables.of(kind, List.of(bare), Tables.Include.METADATA, NOW);
    JsonNode row = table.path("rows").path(0);
    assertThat(row.path("cells")).hasSameSizeAs(table.path("columnDefinitions"));
    assertThat(row.path("object").path("kind").asText()).isEqualTo("PartialObjectMetadata");
  }
}
