package dev.jctl.controller.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.rbac.AccessRequest;
import dev.jctl.controller.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditLogTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");

  @TempDir Path directory;

  private static AuditEvent event(String verb, String group, String resource, int code) {
    String[] parts = resource.split("/", 2);
    return new AuditEvent(
        Optional.of(new Identity("ann", "7", List.of("staff"))),
        Optional.empty(),
        new AccessRequest.OfResource(
            verb, group, parts[0], parts.length == 2 ? parts[1] : "", "x", "default"),
        "/the/path?a=b",
        "127.0.0.1",
        "kubectl",
        NOON,
        NOON.plusMillis(5),
        code,
        code == 403 ? "Forbidden" : "");
  }

  @ParameterizedTest
  @CsvSource({
    "create, '', pods, 201, true",
    "delete, '', secrets, 404, true",
    "get, '', pods, 200, false",
    "get, '', pods, 404, false",
    "list, '', secrets, 403, true",
    "watch, '', secrets, 401, true",
    "get, '', pods/exec, 101, true",
    "create, '', serviceaccounts/token, 201, true",
    "create, authorization.k8s.io, selfsubjectaccessreviews, 201, false",
    "update, coordination.k8s.io, leases, 200, false",
  })
  void changesAndRefusalsMatter(
      String verb, String group, String resource, int code, boolean matters) {
    assertThat(event(verb, group, resource, code).matters()).isEqualTo(matters);
  }

  @Test
  void aLineIsAnEventInKubernetesForm() throws IOException {
    AuditEvent scaled = event("list", "apps", "deployments/scale", 403);
    List<String> lines = AuditLog.lines(List.of(scaled, scaled)).lines().toList();
    assertThat(lines).hasSize(2);
    String line = lines.getLast();
    JsonNode event = Json.tree(line);
    assertThat(event.at("/auditID").asText()).hasSize(36);
    assertThat(line.replaceFirst("\"auditID\":\"[^\"]*\",", "").strip())
        .isEqualTo(
            Json.tree(
                    """
                    {kind:'Event',apiVersion:'audit.k8s.io/v1',level:'Metadata',
                     stage:'ResponseComplete',requestURI:'/the/path?a=b',verb:'list',
                     user:{username:'ann',uid:'7',groups:['staff']},
                     sourceIPs:['127.0.0.1'],userAgent:'kubectl',
                     objectRef:{resource:'deployments',namespace:'default',name:'x',
                      apiGroup:'apps',subresource:'scale'},
                     responseStatus:{metadata:{},status:'Failure',reason:'Forbidden',code:403},
                     requestReceivedTimestamp:'2026-01-01T12:00:00.123456Z',
                     stageTimestamp:'2026-01-01T12:00:00.128456Z',
                     annotations:{'authorization.k8s.io/decision':'forbid'}}""")
                .toString());
  }

  @Test
  void filesAreFilledInTurnAndTheOldestGoes() throws IOException {
    for (int start = 0; start < 3; start++) {
      AuditLog log = AuditLog.start(directory, new AuditLog.Bounds(1000, 2000, 3));
      for (int i = 0; i < 20; i++) {
        log.add(event("create", "", "pods", 201));
      }
      log.close();
      assertThat(log.dropped()).isZero();
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("audit.log", "audit.log.1", "audit.log.2");
    }
    Path newest = directory.resolve("audit.log");
    assertThat(Files.getPosixFilePermissions(newest))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.readAllLines(newest)).allMatch(line -> Json.tree(line).has("auditID"));
  }

  @Test
  void whatCannotBeWrittenIsCountedAndKeepsNobodyWaiting() throws IOException {
    Path taken = Files.writeString(directory.resolve("file"), "");
    AuditLog log = AuditLog.start(taken, new AuditLog.Bounds(2, 2000, 3));
    for (int i = 0; i < 1000; i++) {
      log.add(event("create", "", "pods", 201));
    }
    log.close();
    assertThat(log.dropped()).isEqualTo(1000);
  }
}
