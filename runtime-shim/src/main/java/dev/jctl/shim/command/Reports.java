package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.command.ContainerState.Status;
import dev.jctl.shim.plan.Supported;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is printed, in the form of runc. */
final class Reports {
  private Reports() {}

  static String list(List<KnownContainer> containers, String format) {
    return switch (format) {
      case "json" ->
          JsonTree.line(containers.stream().map(c -> c.state().published(c.status())).toList());
      case "table" -> table(containers);
      default -> throw unknownFormat(format);
    };
  }

  private static RuntimeFailure unknownFormat(String format) {
    return new RuntimeFailure(
        Reason.INVALID, "--format is \"" + format + "\", but must be table or json");
  }

  private static String table(List<KnownContainer> containers) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"));
    for (KnownContainer container : containers) {
      ContainerState state = container.state();
      Status status = container.status();
      rows.add(
          List.of(
              state.id(),
              Integer.toString(status == Status.STOPPED ? 0 : state.pid()),
              status.text(),
              state.bundle().toString(),
              state.created().toString(),
              state.owner()));
    }
    return rows.stream().map(row -> line(row, rows)).collect(Collectors.joining("\n"));
  }

  private static String line(List<String> row, List<List<String>> rows) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      int column = i;
      int width = rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
      line.append(row.get(i)).append(" ".repeat(width + 3 - row.get(i).length()));
    }
    return line.toString().stripTrailing();
  }

  /**
   * @param options of ps(1)
   */
  static String processes(List<Integer> pids, String format, List<String> options) {
    return switch (format) {
      case "json" -> JsonTree.line(pids);
      case "table" -> psLines(pids, options.isEmpty() ? List.of("-ef") : options);
      default -> throw unknownFormat(format);
    };
  }

  private static String psLines(List<Integer> pids, List<String> options) {
    List<String> command = new ArrayList<>(List.of("ps"));
    command.addAll(options);
    Set<String> wanted = pids.stream().map(String::valueOf).collect(Collectors.toSet());
    try {
      Process ps = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (BufferedReader lines = ps.inputReader(StandardCharsets.UTF_8)) {
        String head = Objects.requireNonNullElse(lines.readLine(), "");
        int column = List.of(head.strip().split("\\s+", -1)).indexOf("PID");
        if (column < 0) {
          throw new RuntimeFailure(Reason.INVALID, "ps shows no column PID: " + head);
        }
        return head
            + lines
                .lines()
                .filter(line -> wanted.contains(word(line, column)))
                .map(line -> "\n" + line)
                .collect(Collectors.joining());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("run ps", e);
    }
  }

  private static String word(String line, int column) {
    String[] words = line.strip().split("\\s+", -1);
    return column < words.length ? words[column] : "";
  }

  /** As runc's {@code events --stats}, as far as it is known. */
  static String stats(String id, Observed.Usage usage) {
    Map<String, @Nullable Object> event = event("stats", id);
    event.put(
        "data",
        Map.of(
            "cpu", Map.of("usage", Map.of("total", usage.cpuNanos())),
            "memory", Map.of("usage", Map.of("usage", usage.memoryBytes())),
            "pids", Map.of("current", usage.pids())));
    return JsonTree.line(event);
  }

  static String outOfMemory(String id) {
    return JsonTree.line(event("oom", id));
  }

  /** In this order, by which scripts know them. */
  private static Map<String, @Nullable Object> event(String type, String id) {
    Map<String, @Nullable Object> event = new LinkedHashMap<>();
    event.put("type", type);
    event.put("id", id);
    return event;
  }

  /**
   * @see <a
   *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features.md">features.md</a>
   */
  static String features() {
    Map<String, @Nullable Object> seccomp = new LinkedHashMap<>();
    seccomp.put("enabled", true);
    seccomp.put("actions", Supported.seccompActions());
    seccomp.put("operators", Supported.seccompOperators());
    seccomp.put("archs", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"));
    seccomp.put("knownFlags", Supported.seccompFlags());
    seccomp.put("supportedFlags", Supported.seccompFlags());
    Map<String, @Nullable Object> linux = new LinkedHashMap<>();
    linux.put("namespaces", Supported.namespaces());
    linux.put("capabilities", Supported.capabilities());
    linux.put(
        "cgroup",
        Map.of("v1", true, "v2", true, "systemd", false, "systemdUser", false, "rdma", true));
    linux.put("seccomp", seccomp);
    linux.put("apparmor", Map.of("enabled", true));
    linux.put("selinux", Map.of("enabled", true));
    linux.put("intelRdt", Map.of("enabled", false));
    linux.put("mountExtensions", Map.of("idmap", Map.of("enabled", true)));
    Map<String, @Nullable Object> features = new LinkedHashMap<>();
    features.put("ociVersionMin", "1.0.0");
    features.put("ociVersionMax", OciSpec.VERSION);
    features.put(
        "hooks",
        List.of(
            "prestart",
            "createRuntime",
            "createContainer",
            "startContainer",
            "poststart",
            "poststop"));
    features.put("mountOptions", Supported.mountOptions());
    features.put("linux", linux);
    return JsonTree.pretty(features);
  }

  /** A configuration to begin with. */
  static String defaultConfig() {
    try (InputStream text = Reports.class.getResourceAsStream("config.json")) {
      return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("config.json", e);
    }
  }
}
