package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which process {@code exec} is to start. */
final class ExecRequest {
  private ExecRequest() {}

  /**
   * @param first process of the container, from which what is not said is taken
   */
  static OciSpec.Process process(Invocation invocation, OciSpec.Process first) {
    return invocation
        .value("process")
        .map(file -> read(Path.of(file)))
        .orElseGet(() -> of(invocation, first));
  }

  /**
   * The files to write to, to join the groups below the container's that are asked for.
   *
   * @param files those of the container's own groups
   */
  static List<Path> groups(Invocation invocation, List<Path> files) {
    Optional<String> below = invocation.value("cgroup");
    if (below.isEmpty()) {
      return files;
    }
    String path = below.get();
    if (Path.of(path).startsWith("/") || List.of(path.split("/", -1)).contains("..")) {
      throw invalid(
          "--cgroup: bad sub cgroup path "
              + path
              + ": it is relative to the container's, and `..` components are not allowed");
    }
    if (files.stream().noneMatch(file -> Files.isDirectory(below(file, path)))) {
      throw invalid("--cgroup: the container has no cgroup " + path);
    }
    return files.stream()
        .map(
            file ->
                Files.isDirectory(below(file, path))
                    ? below(file, path).resolve(file.getFileName())
                    : file)
        .toList();
  }

  private static Path below(Path file, String path) {
    return file.resolveSibling(path);
  }

  private static OciSpec.Process read(Path file) {
    try {
      String text = Files.readString(file);
      return SpecReader.process(Fields.of(file.toString(), JsonTree.parse(file.toString(), text)));
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.INVALID, "--process: read " + file + ": " + e, e);
    }
  }

  private static OciSpec.Process of(Invocation invocation, OciSpec.Process first) {
    List<String> arguments = invocation.arguments();
    if (arguments.size() < 2) {
      throw invalid("exec: the command is missing");
    }
    return new OciSpec.Process(
        invocation.has("tty"),
        null,
        user(invocation, first.user()),
        arguments.subList(1, arguments.size()),
        SpecReader.lastOfEach(
            Stream.concat(first.env().stream(), invocation.values("env").stream()).toList()),
        invocation.value("cwd").orElse(first.cwd()),
        capabilities(invocation, first),
        first.rlimits(),
        invocation.has("no-new-privs") || first.noNewPrivileges(),
        first.oomScoreAdj(),
        first.scheduler(),
        first.ioPriority(),
        invocation.value("apparmor").orElse(first.apparmorProfile()),
        invocation.value("process-label").orElse(first.selinuxLabel()));
  }

  private static OciSpec.User user(Invocation invocation, OciSpec.User first) {
    List<Integer> groups = new ArrayList<>();
    invocation
        .values("additional-gids")
        .forEach(
            list ->
                Arrays.stream(list.split(",", -1))
                    .map(text -> id("additional-gids", text))
                    .forEach(groups::add));
    String[] ids = invocation.value("user").orElse("").split(":", 2);
    if (ids[0].isEmpty()) {
      return groups.isEmpty()
          ? first
          : new OciSpec.User(first.uid(), first.gid(), first.umask(), groups);
    }
    return new OciSpec.User(
        id("user", ids[0]), ids.length > 1 ? id("user", ids[1]) : 0, first.umask(), groups);
  }

  private static int id(String option, String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw invalid("--" + option + ": \"" + text + "\" is no numeric id");
    }
    return Integer.parseInt(text);
  }

  private static OciSpec.Capabilities capabilities(Invocation invocation, OciSpec.Process first) {
    OciSpec.Capabilities known = first.capabilities();
    OciSpec.Capabilities sets =
        known == null
            ? new OciSpec.Capabilities(List.of(), List.of(), List.of(), List.of(), List.of())
            : known;
    List<String> more = invocation.values("cap");
    return new OciSpec.Capabilities(
        joined(sets.bounding(), more),
        joined(sets.effective(), more),
        sets.inheritable(),
        joined(sets.permitted(), more),
        sets.ambient());
  }

  private static List<String> joined(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).distinct().toList();
  }

  private static RuntimeFailure invalid(String message) {
    return new RuntimeFailure(Reason.INVALID, message);
  }
}
