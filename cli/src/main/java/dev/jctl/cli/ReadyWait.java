package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.output.LiveLines;
import dev.jctl.cli.output.PublishedAt;
import dev.jctl.cli.output.Readiness;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code apply --wait}: shows what objects wait for until all are ready, then a table. */
final class ReadyWait {
  private static final Pattern PROGRESS = Pattern.compile("([\\d.]+)(\\w+)/([\\d.]+)(\\w+)");
  private static final Map<String, Double> UNITS =
      Map.of("B", 1.0, "kB", 1e3, "MB", 1e6, "GB", 1e9);
  private static final int BAR = 30;

  private final Invocation in;
  private final ObjectWait.Start how;
  private final Map<ObjectWait.Key, JsonNode> applied = new LinkedHashMap<>();

  ReadyWait(Invocation in, List<JsonNode> applied, ObjectWait.Start how) {
    this.in = in;
    this.how = how;
    applied.forEach(o -> this.applied.put(ObjectWait.Key.of(o), o));
  }

  /** Returns the exit code. */
  int run(Duration timeout) throws InterruptedException {
    Map<ObjectWait.Key, ObjectWait.Seen> start = new LinkedHashMap<>();
    applied.forEach((k, o) -> start.put(k, new ObjectWait.Seen(o)));
    LiveLines lines = new LiveLines(in.console());
    ObjectWait wait =
        new ObjectWait(start, how, this::isSettled, seen -> lines.show(progress(seen)));
    boolean inTime = wait.await(in, timeout);
    if (in.console().outIsTerminal()) {
      lines.clear();
    }
    table(wait.latest()).lines().forEach(in.console()::line);
    return verdict(wait, inTime);
  }

  private int verdict(ObjectWait wait, boolean inTime) {
    List<String> errors = new ArrayList<>();
    wait.latest()
        .forEach(
            (key, seen) -> {
              Readiness r = readiness(key, seen);
              if (r.state() != Readiness.State.READY) {
                errors.add(
                    (inTime ? "" : "timed out waiting for ")
                        + key.objectName()
                        + ": "
                        + r.status()
                        + (r.message().isEmpty() ? "" : ": " + r.message()));
              }
            });
    errors.forEach(e -> in.console().error("error: " + e));
    return errors.isEmpty() ? ExitCode.OK : inTime ? ExitCode.FAILED : ExitCode.TIMED_OUT;
  }

  private boolean isSettled(ObjectWait.Key key, ObjectWait.Seen seen) {
    return readiness(key, seen).state() != Readiness.State.WAITING;
  }

  /** What was seen may be older than what was applied: then it says nothing yet. */
  private Readiness readiness(ObjectWait.Key key, ObjectWait.Seen seen) {
    JsonNode object = seen.object();
    if (object == null) {
      return new Readiness(Readiness.State.FAILED, "Deleted", "it was deleted meanwhile");
    }
    JsonNode wanted = applied.getOrDefault(key, object);
    if (generation(object) < generation(wanted)) {
      return new Readiness(Readiness.State.WAITING, "Pending", "");
    }
    return Readiness.of(object);
  }

  private static long generation(JsonNode object) {
    return object.path("metadata").path("generation").asLong(0);
  }

  private Map<String, String> progress(Map<ObjectWait.Key, ObjectWait.Seen> seen) {
    Map<String, String> lines = new LinkedHashMap<>();
    seen.forEach(
        (key, s) -> {
          Readiness r = readiness(key, s);
          if (r.state() == Readiness.State.WAITING || !in.console().outIsTerminal()) {
            lines.put(key.toString(), key.objectName() + ": " + text(r, s));
          }
        });
    return lines;
  }

  private String text(Readiness readiness, ObjectWait.Seen seen) {
    String progress =
        seen.object() == null ? "" : seen.object().path("status").path("progress").asText("");
    if (!progress.isEmpty() && readiness.state() == Readiness.State.WAITING) {
      // without a terminal each step would be a line
      return in.console().outIsTerminal()
          ? readiness.status() + " " + bar(progress)
          : readiness.status();
    }
    return readiness.status() + (readiness.message().isEmpty() ? "" : ": " + readiness.message());
  }

  private static String bar(String progress) {
    Matcher m = PROGRESS.matcher(progress);
    if (!m.matches()) {
      return progress;
    }
    double total = number(m.group(3), m.group(4));
    int filled = total == 0 ? 0 : (int) Math.min(BAR, BAR * number(m.group(1), m.group(2)) / total);
    return "[" + "=".repeat(filled) + " ".repeat(BAR - filled) + "] " + progress;
  }

  private static double number(String digits, String unit) {
    return Double.parseDouble(digits) * UNITS.getOrDefault(unit, 1.0);
  }

  private Table table(Map<ObjectWait.Key, ObjectWait.Seen> seen) {
    List<List<String>> rows = new ArrayList<>();
    seen.forEach(
        (key, s) -> {
          Readiness r = readiness(key, s);
          rows.add(
              List.of(
                  key.objectName().toString(),
                  r.status(),
                  r.state() == Readiness.State.READY ? "yes" : "no",
                  s.object() == null ? "" : detail(key.kind(), s.object(), r)));
        });
    return new Table(List.of("NAME", "STATUS", "READY", "DETAIL"), rows);
  }

  private static String detail(ResourceKind kind, JsonNode object, Readiness readiness) {
    if (readiness.state() != Readiness.State.READY) {
      return readiness.message();
    }
    JsonNode status = object.path("status");
    return switch (kind) {
      case IMAGE -> status.path("platform").asText("");
      case NETWORK -> first(status.path("subnets"));
      case VOLUME_SNAPSHOT -> status.path("size").asText("");
      case VOLUME -> status.path("path").asText("");
      case PERSISTENT_VOLUME_CLAIM -> status.path("phase").asText("");
      case CONTAINER ->
          PublishedAt.first(object.path("spec")).orElse(first(status.path("networks")));
      case MANIFEST_SET -> "revision " + status.path("revision").asText("");
      case GIT_REPOSITORY, MANIFEST_SOURCE -> status.path("lastAppliedRevision").asText("");
      case POD -> status.path("podIP").asText("");
      case DEPLOYMENT, REPLICA_SET ->
          status.path("readyReplicas").asText("0") + "/" + object.at("/spec/replicas").asText("1");
      case JOB -> status.path("succeeded").asText("0") + " succeeded";
      case CRON_JOB -> object.path("spec").path("schedule").asText("");
      case SERVICE -> object.path("spec").path("clusterIP").asText("");
      case NAMESPACE,
          NODE,
          CONFIG_MAP,
          SECRET,
          EVENT,
          SERVICE_ACCOUNT,
          ROLE,
          ROLE_BINDING,
          CLUSTER_ROLE,
          CLUSTER_ROLE_BINDING,
          ENDPOINTS,
          ENDPOINT_SLICE,
          NETWORK_POLICY,
          LEASE ->
          "";
    };
  }

  private static String first(JsonNode list) {
    JsonNode item = list.path(0);
    return item.isObject() ? item.path("ip").asText("") : item.asText("");
  }
}
